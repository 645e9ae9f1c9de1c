//! Jobs of the platform itself: they have no tenant, and so no principal.

use std::{sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use underpin_db::{Tx, Wake};

use crate::{
    Error, Fault, JobId, Priority, Registry, Result, Sweep,
    registry::{Handler, Kind},
    store::jobs::INSERT_PLATFORM_JOB,
};

/// As [`Job`](crate::Job), for work that belongs to no tenant: an account's mail, say.
///
/// A request may enqueue only kinds that begin with `account.`; row level security holds it to that. What the handler
/// writes it writes as `system`, and [`Sweep::finish`] ends the job in the same transaction.
pub trait PlatformJob: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name in the tables; a literal that never derives from a type's name.
    const KIND: &'static str;
    /// The queue it is counted in.
    const QUEUE: &'static str = "default";
    /// Errors after which it is a dead letter.
    const ATTEMPTS_MAX: u32 = 20;
    /// Longest run of one attempt; past it the attempt is cut off and counts as an error.
    const TIMEOUT: Duration = Duration::from_mins(5);
    /// What the handler needs.
    type Context: Clone + Send + Sync + 'static;

    /// Do it.
    fn run(
        self,
        context: Self::Context,
        run: Sweep,
    ) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// Enqueue a job of the platform as a row of this transaction.
///
/// Keeps: the job exists if and only if the transaction commits.
/// Errors: refused by row level security in the scope of a tenant, or for a kind that requests may not enqueue.
pub async fn enqueue_platform<J: PlatformJob>(
    tx: &mut Tx,
    job: &J,
    priority: Priority,
) -> Result<JobId> {
    let payload = serde_json::to_value(job)
        .map_err(|source| Error::Encode { what: format!("payload of {}", J::KIND), source })?;
    let id = JobId::new();
    let attempts_max = i32::try_from(J::ATTEMPTS_MAX).unwrap_or(i32::MAX);
    let trace = underpin_db::watch::trace().map(|trace| trace.to_string());
    let params: &[&(dyn underpin_db::ToSql + Sync)] =
        &[&id.uuid(), &J::KIND, &J::QUEUE, &priority.rank(), &payload, &attempts_max, &trace];
    tx.execute(&INSERT_PLATFORM_JOB, params).await?;
    tx.wake(Wake::Jobs);
    Ok(id)
}

impl Registry {
    /// Know a kind of job of the platform.
    ///
    /// Panics: if the kind is known already.
    pub fn register_platform<J: PlatformJob>(&mut self, context: J::Context) {
        let handler: Handler = Arc::new(move |shared| {
            let context = context.clone();
            Box::pin(async move {
                let job = J::deserialize(&shared.claim.payload).map_err(|source| {
                    Error::Decode { what: format!("payload of {}", J::KIND), source }
                })?;
                job.run(context, Sweep::new(shared)).await
            })
        });
        self.insert(J::KIND.to_owned(), Kind { handler, timeout: J::TIMEOUT });
    }
}
