//! What every worker does for all: end dead epochs, take their jobs back, fire schedules.

use std::time::Duration;

use tokio::time::sleep;
use underpin_base::Trace;
use underpin_db::{Purpose, Scope, Wake};
use underpin_runtime::{Failure, FailureGroups};
use uuid::Uuid;

use super::{Runner, turn::dead_letter};
use crate::{
    Result, schedule,
    store::workers::{EXPIRE_WORKERS, RECLAIM_JOBS},
};

/// Jobs of one transaction of the rescue.
const PAGE: i32 = 200;
/// The code of an attempt that its worker did not survive, and its words, as the table has them.
const CRASHED: (&str, &str) = ("crashed", "the worker died under it");
/// Shortest pause between two looks; half of it again is luck, so that processes part ways.
const EVERY: Duration = Duration::from_millis(700);

/// Look after dead workers and due schedules until dropped.
pub(super) async fn run(runner: &Runner, epoch: i64) {
    loop {
        if let Err(error) = round(runner, epoch).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "upkeep failed, the next round tries again"
            );
        }
        sleep(EVERY + EVERY.mul_f64(rand::random::<f64>() / 2.0)).await;
    }
}

async fn round(runner: &Runner, epoch: i64) -> Result<()> {
    let rescued = rescue(runner).await?;
    if rescued > 0 {
        tracing::warn!(rescued, "jobs taken back from dead workers");
        runner.db.wakes().hint(Wake::Jobs);
    }
    schedule::fire(&runner.db, epoch, runner.registry.schedules()).await?;
    Ok(())
}

/// First the epochs are marked dead, in a transaction of its own: from then on none of their turns is taken. Then the jobs, in pages.
async fn rescue(runner: &Runner) -> Result<usize> {
    let (db, crashes_max) = (&runner.db, runner.settings.crashes_max);
    let scope = || Scope::System(Purpose::Jobs);
    let crashes_max = i32::try_from(crashes_max.max(1)).unwrap_or(i32::MAX);
    let ended: i32 = db.query_one(scope(), &EXPIRE_WORKERS, &[]).await?.get(0);
    if ended > 0 {
        tracing::warn!(ended, "workers declared dead");
    }
    let mut rescued = 0;
    loop {
        let page = db.query(scope(), &RECLAIM_JOBS, &[&PAGE, &crashes_max]).await?;
        for row in &page {
            let (id, kind, is_dead): (Uuid, String, bool) = (row.get(0), row.get(1), row.get(3));
            note(&runner.settings.failures, &kind, row.get(2));
            if is_dead {
                dead_letter(id, &kind, CRASHED.0, CRASHED.0, CRASHED.1);
            }
        }
        rescued += page.len();
        if page.len() < PAGE as usize {
            return Ok(rescued);
        }
    }
}

/// Count an attempt that its worker did not survive.
fn note(failures: &FailureGroups, kind: &str, trace: Option<&str>) {
    let trace = trace.and_then(Trace::parse).map(Trace::trace_id);
    let (route, site) = (format!("job {kind}"), format!("{kind}: {}", CRASHED.1));
    let (site, trace) = (Some(site.as_str()), trace.as_deref());
    failures.note(Failure { code: CRASHED.0, site, route: &route, trace });
}
