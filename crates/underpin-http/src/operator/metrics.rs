use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use underpin_db::{Purpose, Scope};
use underpin_jobs::{Operator, QueueView, ScheduleView};

use crate::{Api, Problem, jobs::problem, metrics::gauge, store::COUNT_PENDING};

use super::pools::pools;

/// What Prometheus collects. A database that is away shows in `underpin_up 0`; the process's own figures are there still.
pub(super) async fn metrics(State(api): State<Api>) -> Response {
    let mut text = String::new();
    own(&api, &mut text);
    let shared = shared(&api, &mut text).await;
    if let Err(problem) = &shared {
        tracing::warn!(cause = problem.cause(), "the shared figures could not be read");
    }
    let up = if shared.is_ok() { 1.0 } else { 0.0 };
    gauge(&mut text, "underpin_up", "Whether the database answers.", [(String::new(), up)]);
    let kind = HeaderValue::from_static("text/plain; version=0.0.4");
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// Figures of this process.
fn own(api: &Api, text: &mut String) {
    api.shared.metrics.write(text);
    let in_flight =
        api.settings.in_flight_max.saturating_sub(api.shared.in_flight.available_permits());
    let live = api.live.figures();
    let one = |value: usize| [(String::new(), value as f64)];
    gauge(text, "underpin_http_in_flight", "Requests being answered.", one(in_flight));
    let open = one(live.connections);
    gauge(text, "underpin_http_streams", "Web sockets and event streams that are open.", open);
    gauge(text, "underpin_live_rooms", "Rooms with a reader.", one(live.rooms));
    let overflows = [(String::new(), live.overflows as f64)];
    gauge(text, "underpin_live_overflows", "Outboxes that became resync so far.", overflows);
    pools(&api.db.pools(), text);
}

/// Figures of the deployment, the same from every process.
async fn shared(api: &Api, text: &mut String) -> Result<(), Problem> {
    let operator = Operator::new(api.db.clone());
    let workers = operator.workers().await.map_err(problem)?;
    let alive = workers.iter().filter(|worker| worker.alive).count();
    let alive = [(String::new(), alive as f64)];
    gauge(text, "underpin_workers_alive", "Workers that hold their lease.", alive);
    queues(&operator.queues().await.map_err(problem)?, text);
    schedules(api, &operator.schedules().await.map_err(problem)?, text);
    let row = api.db.query_one(Scope::System(Purpose::Operate), &COUNT_PENDING, &[]).await?;
    let pending = [(String::new(), row.get::<_, i64>(0) as f64)];
    gauge(text, "underpin_log_pending", "Events without a place, to 10,000.", pending);
    Ok(())
}

fn queues(queues: &[QueueView], text: &mut String) {
    let states = queues.iter().flat_map(|queue| {
        let counts = [
            ("ready", queue.ready),
            ("deferred", queue.deferred),
            ("running", queue.running),
            ("dead", queue.dead),
        ];
        counts.map(|(state, count)| {
            (format!("{{queue=\"{}\",state=\"{state}\"}}", queue.queue), count as f64)
        })
    });
    gauge(text, "underpin_queue_jobs", "Jobs by queue and state.", states);
    let ages = queues.iter().map(|queue| {
        let age = queue.oldest_ready_seconds.unwrap_or_default();
        (format!("{{queue=\"{}\"}}", queue.queue), age)
    });
    gauge(text, "underpin_queue_oldest_ready_seconds", "Age of the oldest ready job.", ages);
}

fn schedules(api: &Api, schedules: &[ScheduleView], text: &mut String) {
    let now = api.now();
    let ages = schedules.iter().filter_map(|schedule| {
        let age = now.duration_since(schedule.last_success_at?).as_secs_f64();
        Some((format!("{{schedule=\"{}\"}}", schedule.name), age.max(0.0)))
    });
    gauge(text, "underpin_schedule_last_success_age_seconds", "Since the last success.", ages);
    let overdue = schedules.iter().map(|schedule| {
        let overdue = if schedule.overdue { 1.0 } else { 0.0 };
        (format!("{{schedule=\"{}\"}}", schedule.name), overdue)
    });
    gauge(text, "underpin_schedule_overdue", "1 if a schedule did not succeed in time.", overdue);
}
