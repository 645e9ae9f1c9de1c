use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use underpin_base::{Cursor, Page, TenantId};
use underpin_jobs::{JobError, JobId, JobState, JobView, Operator};

use crate::{Api, Code, Json, PageBody, PageParams, Problem, Query, jobs::problem};

#[derive(Deserialize)]
pub(super) struct Params {
    state: String,
}

/// A job as operators see it: of any tenant, with every failure that is kept.
#[derive(Serialize)]
pub(super) struct Item {
    id: JobId,
    tenant: Option<TenantId>,
    kind: String,
    queue: String,
    state: &'static str,
    attempt: i32,
    errors: i32,
    crashes: i32,
    progress: Option<Value>,
    created_at: Timestamp,
    run_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    last_errors: Vec<JobError>,
    trace: Option<String>,
}

impl From<JobView> for Item {
    fn from(job: JobView) -> Self {
        Self {
            id: job.id,
            tenant: job.tenant,
            kind: job.kind,
            queue: job.queue,
            state: job.state.as_str(),
            attempt: job.attempt,
            errors: job.errors,
            crashes: job.crashes,
            progress: job.progress,
            created_at: job.created_at,
            run_at: job.run_at,
            finished_at: job.finished_at,
            last_errors: job.last_errors,
            trace: job.trace,
        }
    }
}

/// Jobs of one state over all tenants, newest first.
pub(super) async fn list_jobs(
    State(api): State<Api>,
    Query(Params { state }): Query<Params>,
    PageParams(page): PageParams,
) -> Result<Json<PageBody<Item>>, Problem> {
    let state: JobState = state.parse().map_err(|_| {
        Problem::field("state", "bad_state", "deferred, ready, running, done or dead")
    })?;
    let list = format!("ops jobs {}", state.as_str());
    let before = match &page.cursor {
        Some(cursor) => {
            let [id] = cursor.parts(&list)?;
            Some(id.parse().map_err(|_| Problem::new(Code::BadCursor))?)
        }
        None => None,
    };
    let jobs =
        Operator::new(api.db.clone()).jobs(state, before, page.limit + 1).await.map_err(problem)?;
    let page =
        Page::from_surplus(jobs, page.limit, |job| Cursor::new(&list, &[&job.id.to_string()]));
    Ok(Json(page.into()))
}
