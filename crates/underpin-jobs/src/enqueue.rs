//! Enqueueing, in the transaction of the effect.

use jiff::Timestamp;
use underpin_base::Principal;
use underpin_db::{Tx, Wake, on_constraint, watch};
use uuid::Uuid;

use crate::{
    Error, Job, JobId, Result,
    store::jobs::{FIND_UNIQUE, INSERT_JOB},
};

/// How often a unique key is tried that is taken at the insert and free at the look: its job ended in between.
const UNIQUE_TRIES: u32 = 3;

/// What runs first among one tenant's jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Priority {
    /// Somebody waits for it.
    High,
    /// As everything else.
    #[default]
    Normal,
    /// When nothing else is to be done.
    Low,
}

impl Priority {
    pub(crate) const fn rank(self) -> i16 {
        match self {
            Self::High => 0,
            Self::Normal => 10,
            Self::Low => 20,
        }
    }
}

/// How a job is enqueued; the default is: now, normal, as often as asked.
#[derive(Debug, Clone, Default)]
pub struct Enqueue {
    /// An id that the caller has already given away; otherwise a fresh one.
    pub id: Option<JobId>,
    /// At most one live job of the kind has this key in its tenant, from enqueue through every retry to its end; 1–200 bytes.
    pub unique_key: Option<String>,
    /// Not before this instant.
    pub run_at: Option<Timestamp>,
    /// Before or after others of the tenant.
    pub priority: Priority,
}

/// Enqueue a job as a row of this transaction, for its principal.
///
/// Keeps: the job exists if and only if the transaction commits.
/// Its run belongs to the present trace.
/// Returns the job's id: with a unique key that is taken, the id of the live job that has it.
/// Errors: [`Error::Exists`] if `options.id` was used before; a scope that is not a tenant's.
pub async fn enqueue<J: Job>(tx: &mut Tx, job: &J, options: Enqueue) -> Result<JobId> {
    let principal = tx.principal()?;
    enqueue_as(tx, principal, job, options).await
}

/// Enqueue a job for a principal from a system transaction, for example one job per tenant from a schedule.
///
/// In a tenant's transaction row level security refuses any principal but its own.
pub async fn enqueue_as<J: Job>(
    tx: &mut Tx,
    principal: Principal,
    job: &J,
    options: Enqueue,
) -> Result<JobId> {
    let payload = serde_json::to_value(job)
        .map_err(|source| Error::Encode { what: format!("payload of {}", J::KIND), source })?;
    let id = options.id.unwrap_or_default();
    let (tenant, subject) = (principal.tenant.uuid(), principal.subject.uuid());
    let attempts_max = i32::try_from(J::ATTEMPTS_MAX).unwrap_or(i32::MAX);
    let trace = watch::trace().map(|trace| trace.to_string());
    for _ in 0..UNIQUE_TRIES {
        let inserted = tx
            .execute(
                &INSERT_JOB,
                &[
                    &id.uuid(),
                    &tenant,
                    &subject,
                    &J::KIND,
                    &J::QUEUE,
                    &options.priority.rank(),
                    &payload,
                    &options.unique_key,
                    &attempts_max,
                    &options.run_at,
                    &trace,
                ],
            )
            .await;
        let inserted =
            on_constraint(inserted, |name| (name == "job_pkey").then_some(Error::Exists(id)))?;
        if inserted == 1 {
            tx.wake(Wake::Jobs);
            return Ok(id);
        }
        let holder = tx.query_opt(&FIND_UNIQUE, &[&tenant, &J::KIND, &options.unique_key]).await?;
        if let Some(row) = holder {
            return Ok(JobId::from_uuid(row.get::<_, Uuid>(0)));
        }
    }
    Err(Error::Taken(options.unique_key.unwrap_or_default()))
}
