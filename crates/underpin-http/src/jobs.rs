//! One job of a tenant, for whoever waits for it.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use underpin_jobs::{JobId, JobView};
use utoipa::ToSchema;

use crate::{Api, Code, Json, Path, Problem, Staff};

/// A job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct Response {
    #[schema(value_type = String, format = Uuid)]
    id: JobId,
    kind: String,
    /// `deferred`, `ready`, `running`, `done` or `dead`.
    #[schema(value_type = String)]
    state: &'static str,
    /// How many times it was started.
    attempt: i32,
    /// What the job says of itself.
    progress: Option<Value>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
    /// The last failure.
    error: Option<Failure>,
}

/// Why a job failed last.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobFailure)]
struct Failure {
    /// A stable name.
    code: String,
    /// In words.
    message: String,
}

#[derive(Deserialize)]
pub(crate) struct At {
    job: JobId,
}

/// One job of the tenant.
#[utoipa::path(get, path = "/v1/t/{tenant}/jobs/{job}", operation_id = "get_job", tag = "jobs",
    params(("tenant" = String, Path), ("job" = String, Path, format = Uuid)),
    responses((status = 200, body = Response)))]
pub(crate) async fn get_job(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { job }): Path<At>,
) -> Result<Json<Response>, Problem> {
    let found = api
        .db
        .transact(tenant.principal, |tx, _| {
            Box::pin(async move { underpin_jobs::find(tx, job).await })
        })
        .await
        .map_err(problem)?;
    let own = found.filter(|job| job.tenant == Some(tenant.principal.tenant));
    own.map(|job| Json(job.into())).ok_or_else(|| Problem::new(Code::NotFound))
}

pub(crate) fn problem(error: underpin_jobs::Error) -> Problem {
    match error {
        underpin_jobs::Error::Db(error) => error.into(),
        error => Problem::from_error(error.kind(), error),
    }
}

impl From<JobView> for Response {
    fn from(job: JobView) -> Self {
        let error = job
            .error()
            .map(|error| Failure { code: error.code.clone(), message: error.message.clone() });
        Self {
            id: job.id,
            kind: job.kind,
            state: job.state.as_str(),
            attempt: job.attempt,
            progress: job.progress,
            created_at: job.created_at,
            finished_at: job.finished_at,
            error,
        }
    }
}
