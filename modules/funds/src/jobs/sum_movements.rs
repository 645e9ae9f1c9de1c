//! Computes the movements of a book after an import, so that dashboards need not read every report.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use underpin::base::Clock;
use underpin::jobs::{Fault, Job, Mark, Run};
use uuid::Uuid;

use crate::{
    Result,
    model::ImportId,
    store::movements::{self, Seen},
};

/// Funds of one transaction. While it runs, changes to these funds by hand wait for it.
const FUNDS_AT_ONCE: i64 = 50;

/// Compute the movements of every fund of the tenant.
///
/// Keeps: what is marked as contained had been committed before the first fund was looked at. Until then, and if this never runs,
/// dashboards read the reports themselves: slower, and the same figures.
#[derive(Debug, Serialize, Deserialize)]
pub struct SumMovements {
    /// The import that asks for it. If another run has contained it meanwhile, nothing is done.
    pub import_id: ImportId,
}

impl Job for SumMovements {
    const KIND: &'static str = "funds.sum_movements";
    type Context = Arc<dyn Clock>;

    async fn run(self, clock: Arc<dyn Clock>, run: Run) -> Result<(), Fault> {
        match sum(self.import_id, clock.now(), &run).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Fault::Stopped),
            Err(error) => Err(Fault::retry(error)),
        }
    }
}

/// Compute them all; false if asked to stop before the end. Starts over at each attempt.
async fn sum(import: ImportId, at: Timestamp, run: &Run) -> Result<bool> {
    let seen = &movements::unsummed(run.db(), run.principal()).await?;
    if !seen.iter().any(|(id, _)| *id == import) {
        return Ok(true);
    }
    let mut after = Uuid::nil();
    while !run.stop().is_cancelled() {
        match step(run, after, seen, at).await? {
            Some(last) => after = last,
            None => return Ok(true),
        }
    }
    Ok(false)
}

/// The next funds; the last of them, or none when all are done and the imports are marked.
async fn step(run: &Run, after: Uuid, seen: &[Seen], at: Timestamp) -> Result<Option<Uuid>> {
    run.step(Mark::default(), |tx, _| {
        Box::pin(async move {
            let funds = movements::lock_funds(tx, after, FUNDS_AT_ONCE).await?;
            match funds.last() {
                Some(_) => movements::write(tx, &funds).await?,
                None => movements::mark_summed(tx, seen, at).await?,
            }
            Ok(funds.last().copied())
        })
    })
    .await
}
