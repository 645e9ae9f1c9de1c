//! A line a minute about all requests of a process, for where nobody collects figures.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};
use underpin_db::PoolFigures;
use underpin_runtime::CancellationToken;

use crate::{Api, metrics::Figures};

/// Log the sums of every interval, and of what is left at the end: together they are what `/metrics` counts.
pub async fn run_summary(api: Api, stop: CancellationToken) {
    let every = api.settings.summary_every;
    let mut ticks = interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut before, mut since) = (Figures::default(), Instant::now());
    loop {
        let stopped = tokio::select! {
            () = stop.cancelled() => true,
            _ = ticks.tick() => false,
        };
        let now = api.shared.metrics.total();
        log(&api, &now.since(&before), since.elapsed());
        if stopped {
            return;
        }
        (before, since) = (now, Instant::now());
    }
}

fn log(api: &Api, part: &Figures, over: Duration) {
    let ms = |took: Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let pools = api.db.pools();
    api.db.forget_busiest();
    let [app, system] = &pools;
    tracing::info!(
        over_ms = ms(over),
        requests = part.took.count(),
        errors = part.of_class(5),
        slow = part.slow,
        status_1xx = part.of_class(1),
        status_2xx = part.of_class(2),
        status_3xx = part.of_class(3),
        status_4xx = part.of_class(4),
        status_5xx = part.of_class(5),
        p50_ms = ms(part.took.quantile(0.5)),
        p95_ms = ms(part.took.quantile(0.95)),
        p99_ms = ms(part.took.quantile(0.99)),
        statements = part.statements,
        db_ms = ms(part.in_database),
        in_flight = api.in_flight(),
        app_connections = app.busiest,
        system_connections = system.busiest,
        build = api.settings.version,
        "summary"
    );
    for PoolFigures { name, max, busiest, .. } in
        pools.iter().filter(|p| p.is_nearly_all(p.busiest))
    {
        tracing::warn!(pool = name, max, busiest, "a pool was nearly used up");
    }
}
