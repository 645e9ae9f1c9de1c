//! What a handler has in its hands.

use std::{
    marker::PhantomData,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::sync::Notify;
use underpin_base::{Principal, TenantId, UserId};
use underpin_db::{AsDbError, Db, Purpose, Scope, Tx, Within, Work, watch};
use underpin_runtime::{CancellationToken, FailureGroups};
use uuid::Uuid;

use crate::{
    Error, JobId, Result,
    crash::crash_point,
    store::jobs::{DELETE_FINISHED, UPDATE_MARK},
};

/// A job as a turn hands it out.
#[derive(Debug, Deserialize)]
#[expect(
    clippy::struct_field_names,
    reason = "`claim_seq` is its name in every table and signature"
)]
pub(crate) struct Claim {
    pub(crate) id: Uuid,
    pub(crate) tenant: Option<Uuid>,
    pub(crate) subject: Option<Uuid>,
    pub(crate) kind: String,
    pub(crate) payload: Value,
    pub(crate) attempt: i32,
    pub(crate) errors: i32,
    pub(crate) attempts_max: i32,
    pub(crate) claim_seq: i64,
    pub(crate) checkpoint: Option<Value>,
    pub(crate) trace: Option<String>,
}

/// What a run, its handler and the runner share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) claim: Claim,
    pub(crate) db: Db,
    pub(crate) failures: FailureGroups,
    pub(crate) stop: CancellationToken,
    /// Cancelled when the process may no longer act for its claims.
    pub(crate) fence: CancellationToken,
    /// A transaction found the claim taken away.
    pub(crate) stale: AtomicBool,
    /// A transaction of the handler finished the job.
    pub(crate) finished: AtomicBool,
    /// What the handler said last and no turn has taken along yet.
    pub(crate) progress: Mutex<Option<Value>>,
    pub(crate) progressed: Arc<Notify>,
}

/// How a fenced transaction ends.
#[derive(Clone)]
enum Close {
    Mark(Mark),
    Finish,
}

/// What a step leaves behind for the next attempt and for those who watch.
#[derive(Debug, Clone, Default)]
pub struct Mark {
    /// Where the next attempt goes on; [`Run::checkpoint`] reads it. None leaves the last one.
    pub checkpoint: Option<Value>,
    /// How far it is. None leaves the last one.
    pub progress: Option<Value>,
}

/// One attempt of one job: who it runs for, and the transactions that only its present holder can commit.
#[derive(Debug, Clone)]
pub struct Run {
    shared: Arc<Shared>,
    principal: Principal,
}

/// One run of a schedule: it acts for the platform, not for a tenant.
#[derive(Debug, Clone)]
pub struct Sweep {
    shared: Arc<Shared>,
}

impl Run {
    /// Errors: a job without a tenant is the platform's own and has no principal.
    pub(crate) fn new(shared: Arc<Shared>) -> Result<Self> {
        let (Some(tenant), Some(subject)) = (shared.claim.tenant, shared.claim.subject) else {
            return Err(underpin_db::Error::WrongScope.into());
        };
        let principal = Principal::service(TenantId::from_uuid(tenant), UserId::from_uuid(subject));
        Ok(Self { shared, principal })
    }

    /// The job.
    pub fn id(&self) -> JobId {
        self.shared.id()
    }

    /// Its tenant.
    pub const fn tenant(&self) -> TenantId {
        self.principal.tenant
    }

    /// For whom it runs: the tenant's service, on behalf of whoever enqueued it.
    pub const fn principal(&self) -> Principal {
        self.principal
    }

    /// Which start this is, from 1; snoozes and stops do not count.
    pub fn attempt(&self) -> i32 {
        self.shared.claim.attempt
    }

    /// The fencing number: a later claim of any job has a higher one. For stores that refuse a lower number than they saw.
    pub fn claim_seq(&self) -> i64 {
        self.shared.claim.claim_seq
    }

    /// The database, for reads and transactions that need no fence.
    pub fn db(&self) -> &Db {
        &self.shared.db
    }

    /// Cancelled when the handler should stop: shutdown, timeout, a lost lease. Return [`Fault::Stopped`](crate::Fault::Stopped) then.
    pub fn stop(&self) -> &CancellationToken {
        &self.shared.stop
    }

    /// What the last committed step of any attempt left.
    ///
    /// Errors: [`Error::Decode`] if it is not a `T`; starting over silently would do work twice.
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        let Some(value) = &self.shared.claim.checkpoint else { return Ok(None) };
        T::deserialize(value).map(Some).map_err(|source| Error::Decode {
            what: format!("checkpoint of {}", self.shared.claim.kind),
            source,
        })
    }

    /// Say how far it is; travels with the next turn, and only the newest does. What must be exact belongs into a [`Mark`].
    pub fn progress(&self, progress: Value) {
        *self.shared.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
        self.shared.progressed.notify_one();
    }

    /// Log an error that the attempt goes on after.
    pub fn note(&self, error: &(dyn std::error::Error + 'static)) {
        let claim = &self.shared.claim;
        tracing::warn!(job = %claim.id, kind = claim.kind, attempt = claim.attempt, error, "job goes on after an error");
    }

    /// Commit a part of the work together with its mark, if the claim is still held.
    ///
    /// Keeps: the last statement before the commit proves the claim and locks the job's row, so no other attempt can begin in between.
    /// Errors: [`Error::Stale`] when the claim is lost; everything in `work` is rolled back then, and the handler should return.
    /// Retry: as [`Db::transact`]. Cost: one statement more than `work`.
    pub async fn step<'a, T, E, F>(&self, mark: Mark, work: F) -> Result<T, E>
    where
        F: for<'t> FnMut(&'t mut Tx, Within<'t, 'a>) -> Work<'t, T, E> + Send,
        E: From<Error> + From<underpin_db::Error> + AsDbError + Send,
        T: Send,
    {
        fenced(&self.shared, self.principal.into(), &Close::Mark(mark), work).await
    }

    /// Commit the last part of the work and the end of the job as one, if the claim is still held; as [`Run::step`].
    pub async fn finish<'a, T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnMut(&'t mut Tx, Within<'t, 'a>) -> Work<'t, T, E> + Send,
        E: From<Error> + From<underpin_db::Error> + AsDbError + Send,
        T: Send,
    {
        fenced(&self.shared, self.principal.into(), &Close::Finish, work).await
    }
}

impl Sweep {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The database; sweeps use `Scope::System(Purpose::Sweep)`.
    pub fn db(&self) -> &Db {
        &self.shared.db
    }

    /// Cancelled when the sweep should stop.
    pub fn stop(&self) -> &CancellationToken {
        &self.shared.stop
    }

    /// The job.
    pub fn id(&self) -> JobId {
        self.shared.id()
    }

    pub(crate) fn is_last_attempt(&self) -> bool {
        self.shared.claim.errors + 1 >= self.shared.claim.attempts_max
    }

    /// Commit the last part of the work and the end of the job as one, if the claim is still held; as [`Run::finish`], as `system`.
    pub async fn finish<'a, T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnMut(&'t mut Tx, Within<'t, 'a>) -> Work<'t, T, E> + Send,
        E: From<Error> + From<underpin_db::Error> + AsDbError + Send,
        T: Send,
    {
        fenced(&self.shared, Scope::System(Purpose::Schedule), &Close::Finish, work).await
    }
}

impl Shared {
    pub(crate) fn id(&self) -> JobId {
        JobId::from_uuid(self.claim.id)
    }

    fn lost(&self) -> Error {
        Error::Stale { job: self.id(), claim_seq: self.claim.claim_seq }
    }
}

/// Run `work` and then the statement that proves the claim, in one transaction.
async fn fenced<'a, T, E, F>(shared: &Shared, scope: Scope, close: &Close, work: F) -> Result<T, E>
where
    F: for<'t> FnMut(&'t mut Tx, Within<'t, 'a>) -> Work<'t, T, E> + Send,
    E: From<Error> + From<underpin_db::Error> + AsDbError + Send,
    T: Send,
{
    let points = close.crash_points();
    // A process that lost its lease does not even begin; the row decides in any case.
    if shared.fence.is_cancelled() || shared.stale.load(Ordering::Acquire) {
        return Err(shared.lost().into());
    }
    crash_point(points[0]);
    // The closure may run again, and what it returns borrows the transaction only: so it is lent to each run.
    let work = tokio::sync::Mutex::new(work);
    let lent = &work;
    let value = shared
        .db
        .transact(scope, move |tx, _| {
            Box::pin(async move {
                let value = {
                    let mut work = lent.lock().await;
                    (*work)(tx, PhantomData).await?
                };
                crash_point(points[1]);
                if !close.holds(tx, &shared.claim).await? {
                    shared.stale.store(true, Ordering::Release);
                    return Err(shared.lost().into());
                }
                crash_point(points[2]);
                Ok::<T, E>(value)
            })
        })
        .await?;
    crash_point(points[3]);
    // The next step of a long job is no repeat of this one.
    watch::settle();
    if matches!(close, Close::Finish) {
        shared.finished.store(true, Ordering::Release);
    }
    Ok(value)
}

impl Close {
    const fn crash_points(&self) -> [&'static str; 4] {
        match self {
            Self::Mark(_) => {
                ["jobs.step.begin", "jobs.step.worked", "jobs.step.fenced", "jobs.step.committed"]
            }
            Self::Finish => [
                "jobs.finish.begin",
                "jobs.finish.worked",
                "jobs.finish.fenced",
                "jobs.finish.committed",
            ],
        }
    }

    /// Mark or finish the job; whether the claim was held.
    async fn holds(&self, tx: &mut Tx, claim: &Claim) -> Result<bool, underpin_db::Error> {
        let rows = match self {
            Self::Mark(Mark { checkpoint, progress }) => {
                tx.execute(&UPDATE_MARK, &[&claim.id, &claim.claim_seq, checkpoint, progress])
                    .await?
            }
            Self::Finish => tx.execute(&DELETE_FINISHED, &[&claim.id, &claim.claim_seq]).await?,
        };
        Ok(rows == 1)
    }
}
