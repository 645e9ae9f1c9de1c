//! Routes that take time, memory or the wrong turn on demand: in `dev` only, for audits and tests of limits.
//!
//! They stand in no document, and everywhere else there is nothing at their paths.

mod job;

use std::{hint::black_box, time::Duration};

use axum::{
    Router,
    extract::State,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use underpin_db::{Class, Db, Scope};
use underpin_jobs::{Enqueue, JobId, enqueue};
use underpin_runtime::Environment;

use crate::{
    Answer, Api, Auth, Code, Json, Problem, Query, Tenant,
    jobs::problem,
    store::{PROBE_LIMITS, PROBE_SLEEP},
};

pub use job::{ProbeJob, register_probe_job};

/// Longest time that a route or a job takes on demand, in milliseconds.
const MS_MAX: u64 = 60_000;
/// Most memory that a route takes on demand, in MiB.
const MIB_MAX: usize = 256;
/// Most errors that a job makes on demand.
const FAIL_TIMES_MAX: u32 = 10;

/// The probe routes in `dev`, and nothing elsewhere.
pub(crate) fn routes(environment: Environment) -> Router<Api> {
    if environment != Environment::Dev {
        return Router::new();
    }
    Router::new()
        .route("/v1/probe/sleep", get(sleep))
        .route("/v1/probe/statement", get(statement))
        .route("/v1/probe/limits", get(limits))
        .route("/v1/probe/fail", get(fail))
        .route("/v1/probe/allocate", get(allocate))
        .route("/v1/t/{tenant}/probe/jobs", post(create_job))
}

#[derive(Debug, Deserialize, Serialize)]
struct Time {
    ms: u64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Error,
    Panic,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AskedClass {
    Web,
    Report,
}

#[derive(Debug, Deserialize)]
struct Asked {
    class: AskedClass,
}

/// What the server keeps a transaction to, in milliseconds; 0 is no limit.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the unit is part of each name in JSON")]
struct Limits {
    statement_timeout_ms: i64,
    lock_timeout_ms: i64,
    idle_in_transaction_timeout_ms: i64,
}

impl Limits {
    /// Ask the server in a transaction of the present class.
    async fn look(db: &Db, scope: impl Into<Scope>) -> underpin_db::Result<Self> {
        let row = db.query_one(scope, &PROBE_LIMITS, &[]).await?;
        Ok(Self {
            statement_timeout_ms: row.get(0),
            lock_timeout_ms: row.get(1),
            idle_in_transaction_timeout_ms: row.get(2),
        })
    }
}

#[derive(Debug, Deserialize)]
struct Failing {
    how: How,
}

#[derive(Debug, Deserialize, Serialize)]
struct Memory {
    mib: usize,
}

#[derive(Debug, Serialize)]
struct Enqueued {
    job: JobId,
}

/// What the error on demand says to the log.
#[derive(Debug, thiserror::Error)]
#[error("failed on demand")]
struct OnDemand;

/// Answer after a while, holding nothing but the request's place.
async fn sleep(_: Auth, Query(time): Query<Time>) -> Result<Json<Time>, Problem> {
    within("ms", time.ms, MS_MAX)?;
    tokio::time::sleep(Duration::from_millis(time.ms)).await;
    Ok(Json(time))
}

/// Answer after a while, holding a connection of the app pool in a statement.
async fn statement(
    State(api): State<Api>,
    Auth(session): Auth,
    Query(time): Query<Time>,
) -> Result<Json<Time>, Problem> {
    within("ms", time.ms, MS_MAX)?;
    let seconds = Duration::from_millis(time.ms).as_secs_f64();
    api.db.query_one(Scope::Account(session.user.id), &PROBE_SLEEP, &[&seconds]).await?;
    Ok(Json(time))
}

/// What the server keeps a transaction of a request to, or of one that reads much.
async fn limits(
    State(api): State<Api>,
    Auth(session): Auth,
    Query(Asked { class }): Query<Asked>,
) -> Result<Json<Limits>, Problem> {
    let scope = Scope::Account(session.user.id);
    let look = Limits::look(&api.db, scope);
    Ok(Json(match class {
        AskedClass::Web => look.await?,
        AskedClass::Report => Class::Report.over(look).await?,
    }))
}

/// Fail, by an error or by a panic.
async fn fail(_: Auth, Query(Failing { how }): Query<Failing>) -> Problem {
    match how {
        How::Error => Problem::new(Code::Internal).caused_by(OnDemand),
        How::Panic => panic!("{OnDemand}"),
    }
}

/// Take memory, write to each page of it, and give it back.
async fn allocate(_: Auth, Query(memory): Query<Memory>) -> Result<Json<Memory>, Problem> {
    within("mib", memory.mib, MIB_MAX)?;
    let bytes = memory.mib << 20;
    let taken = tokio::task::spawn_blocking(move || black_box(vec![1_u8; bytes]).len());
    taken.await.map_err(|error| Problem::new(Code::Internal).caused_by(error))?;
    Ok(Json(memory))
}

/// How the request ends that enqueues a job.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ending {
    /// Whether a constraint refuses its transaction after the job was entered.
    refuse: bool,
}

/// Enqueue a job that fails and sleeps on demand.
async fn create_job(
    State(api): State<Api>,
    tenant: Tenant,
    Query(Ending { refuse }): Query<Ending>,
    Json(job): Json<ProbeJob>,
) -> Result<Answer<Enqueued>, Problem> {
    within("fail_times", job.fail_times, FAIL_TIMES_MAX)?;
    within("sleep_ms", job.sleep_ms, MS_MAX)?;
    let enqueued = api.db.transact(tenant.principal, |tx, _| {
        Box::pin(async move {
            let id = enqueue(tx, &job, Enqueue::default()).await?;
            if refuse {
                // The table's key refuses a second job of this id, and the first goes with it.
                enqueue(tx, &job, Enqueue { id: Some(id), ..Enqueue::default() }).await?;
            }
            Ok(id)
        })
    });
    let id = enqueued.await.map_err(problem)?;
    let slug = &tenant.info.slug;
    Ok(Answer::accepted(Enqueued { job: id }).location(format!("/v1/t/{slug}/jobs/{id}")))
}

/// Refuse what is larger than a probe may ask for.
fn within<N: Copy + PartialOrd + std::fmt::Display>(
    field: &str,
    given: N,
    most: N,
) -> Result<(), Problem> {
    if given <= most {
        return Ok(());
    }
    Err(Problem::field(field, "out_of_range", format!("0 to {most}")))
}
