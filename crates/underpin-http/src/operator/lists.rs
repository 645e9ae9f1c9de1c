use axum::extract::State;
use serde::Serialize;
use underpin_jobs::{Operator, QueueView, ScheduleView, WorkerView};

use crate::{Api, Json, Problem, jobs::problem};

/// A list that is short by nature.
#[derive(Serialize)]
pub(super) struct Items<T> {
    pub(super) items: Vec<T>,
}

/// Workers that live or ended within a day.
pub(super) async fn workers(State(api): State<Api>) -> Result<Json<Items<WorkerView>>, Problem> {
    items(Operator::new(api.db.clone()).workers().await)
}

/// Counts per queue.
pub(super) async fn queues(State(api): State<Api>) -> Result<Json<Items<QueueView>>, Problem> {
    items(Operator::new(api.db.clone()).queues().await)
}

/// All schedules.
pub(super) async fn schedules(
    State(api): State<Api>,
) -> Result<Json<Items<ScheduleView>>, Problem> {
    items(Operator::new(api.db.clone()).schedules().await)
}

fn items<T>(items: underpin_jobs::Result<Vec<T>>) -> Result<Json<Items<T>>, Problem> {
    Ok(Json(Items { items: items.map_err(problem)? }))
}
