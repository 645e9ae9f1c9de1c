use axum::extract::State;
use serde::Deserialize;
use underpin_jobs::{JobId, Operator};

use super::list_jobs::Item;
use crate::{Api, Code, Json, Path, Problem, jobs::problem};

/// The job in the path.
#[derive(Deserialize)]
pub(super) struct At {
    job: JobId,
}

/// A job of any tenant.
pub(super) async fn get_job(
    State(api): State<Api>,
    Path(At { job }): Path<At>,
) -> Result<Json<Item>, Problem> {
    let found = Operator::new(api.db.clone()).job(job).await.map_err(problem)?;
    found.map(|job| Json(job.into())).ok_or_else(|| Problem::new(Code::NotFound))
}

/// Drive a dead letter again, with fresh counts; to say it twice finds no letter the second time.
pub(super) async fn redrive_job(
    State(api): State<Api>,
    Path(At { job }): Path<At>,
) -> Result<Json<Item>, Problem> {
    Operator::new(api.db.clone()).redrive(job).await.map_err(problem)?;
    get_job(State(api), Path(At { job })).await
}
