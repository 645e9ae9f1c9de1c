use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use underpin_db::{Purpose, Scope};
use underpin_jobs::{Operator, QueueView, ScheduleView};
use underpin_runtime::Telemetry;

use crate::{
    Api, Held, Problem,
    jobs::problem,
    metrics::{self, Text},
    store::COUNT_PENDING,
};

use super::pools::pools;

/// What Prometheus collects. A database that is away shows in `underpin_up 0`; the process's own figures are there still.
pub(super) async fn metrics(State(api): State<Api>, headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let open_metrics = accepted.is_some_and(|a| a.contains("application/openmetrics-text"));
    let mut text = Text::new(open_metrics);
    own(&api, &mut text);
    let shared = shared(&api, &mut text).await;
    if let Err(problem) = &shared {
        tracing::warn!(cause = problem.cause(), "the shared figures could not be read");
    }
    let up = if shared.is_ok() { 1.0 } else { 0.0 };
    text.one("underpin_up", "Whether the database answers.", up);
    let (kind, text) = text.finish();
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// Figures of this process.
fn own(api: &Api, text: &mut Text) {
    metrics::write(&api.shared.metrics.read(), text);
    let in_flight = api.in_flight() as f64;
    let live = api.live.figures();
    text.one("underpin_http_in_flight", "Requests being answered.", in_flight);
    let open = live.connections as f64;
    text.one("underpin_http_streams", "Web sockets and event streams that are open.", open);
    text.one("underpin_live_rooms", "Rooms with a reader.", live.rooms as f64);
    let overflows = live.overflows as f64;
    text.one("underpin_live_overflows", "Outboxes that became resync so far.", overflows);
    let sessions = api.identity.session_cache();
    text.counter("underpin_session_lookups", "Sessions and keys recognised, by who knew them.");
    text.total("from=\"memory\"", sessions.hits as f64);
    text.total("from=\"database\"", sessions.misses as f64);
    pools(&api.db.pools(), text);
    memory(&api.memory.held(), text);
    telemetry(&api.telemetry, text);
}

/// What the maps of this process hold, and what they may.
fn memory(held: &[Held], text: &mut Text) {
    let label = |held: &Held| format!("name=\"{}\"", held.name);
    let entries = held.iter().map(|held| (label(held), held.entries as f64));
    text.gauge("underpin_memory_entries", "Entries of each map in memory.", entries);
    let most = held.iter().map(|held| (label(held), held.entries_max as f64));
    text.gauge("underpin_memory_entries_max", "Entries there may be.", most);
}

/// Figures of what this process tells of itself: what it could not tell, above all.
fn telemetry(telemetry: &Telemetry, text: &mut Text) {
    text.counter("underpin_log_lines_dropped", "Lines of the log that could not be written.");
    for (sink, lines) in telemetry.logs.dropped() {
        text.total(&format!("sink=\"{sink}\""), lines as f64);
    }
    text.counter("underpin_spans_sent", "Spans that the collector took.");
    text.total("", telemetry.tracer.sent() as f64);
    text.counter("underpin_spans_lost", "Spans that it did not take in time.");
    text.total("", telemetry.tracer.lost() as f64);
}

/// Figures of the deployment, the same from every process.
async fn shared(api: &Api, text: &mut Text) -> Result<(), Problem> {
    let operator = Operator::new(api.db.clone());
    let workers = operator.workers().await.map_err(problem)?;
    let alive = workers.iter().filter(|worker| worker.alive).count();
    text.one("underpin_workers_alive", "Workers that hold their lease.", alive as f64);
    queues(&operator.queues().await.map_err(problem)?, text);
    schedules(api, &operator.schedules().await.map_err(problem)?, text);
    let row = api.db.query_one(Scope::System(Purpose::Operate), &COUNT_PENDING, &[]).await?;
    let pending = row.get::<_, i64>(0) as f64;
    text.one("underpin_log_pending", "Events without a place, to 10,000.", pending);
    Ok(())
}

fn queues(queues: &[QueueView], text: &mut Text) {
    let states = queues.iter().flat_map(|queue| {
        let counts = [
            ("ready", queue.ready),
            ("deferred", queue.deferred),
            ("running", queue.running),
            ("dead", queue.dead),
        ];
        counts.map(|(state, count)| {
            (format!("queue=\"{}\",state=\"{state}\"", queue.queue), count as f64)
        })
    });
    text.gauge("underpin_queue_jobs", "Jobs by queue and state.", states);
    let ages = queues.iter().map(|queue| {
        let age = queue.oldest_ready_seconds.unwrap_or_default();
        (format!("queue=\"{}\"", queue.queue), age)
    });
    text.gauge("underpin_queue_oldest_ready_seconds", "Age of the oldest ready job.", ages);
}

fn schedules(api: &Api, schedules: &[ScheduleView], text: &mut Text) {
    let now = api.now();
    let ages = schedules.iter().filter_map(|schedule| {
        let age = now.duration_since(schedule.last_success_at?).as_secs_f64();
        Some((format!("schedule=\"{}\"", schedule.name), age.max(0.0)))
    });
    text.gauge("underpin_schedule_last_success_age_seconds", "Since the last success.", ages);
    let overdue = schedules.iter().map(|schedule| {
        let overdue = if schedule.overdue { 1.0 } else { 0.0 };
        (format!("schedule=\"{}\"", schedule.name), overdue)
    });
    text.gauge("underpin_schedule_overdue", "1 if a schedule did not succeed in time.", overdue);
}
