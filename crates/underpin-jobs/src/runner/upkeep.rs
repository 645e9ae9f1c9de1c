//! What every worker does for all: end dead epochs, take their jobs back, fire schedules.

use std::time::Duration;

use tokio::time::sleep;
use underpin_db::{Db, Purpose, Scope, Wake};

use super::Runner;
use crate::{
    Result, schedule,
    store::workers::{EXPIRE_WORKERS, RESCUE_JOBS},
};

/// Jobs of one transaction of the rescue.
const PAGE: i32 = 200;
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
    let rescued = rescue(&runner.db, runner.settings.crashes_max).await?;
    if rescued > 0 {
        tracing::warn!(rescued, "jobs taken back from dead workers");
        runner.db.wakes().hint(Wake::Jobs);
    }
    schedule::fire(&runner.db, epoch, runner.registry.schedules()).await?;
    Ok(())
}

/// First the epochs are marked dead, in a transaction of its own: from then on none of their turns is taken. Then the jobs, in pages.
async fn rescue(db: &Db, crashes_max: u32) -> Result<i32> {
    let scope = || Scope::System(Purpose::Jobs);
    let crashes_max = i32::try_from(crashes_max.max(1)).unwrap_or(i32::MAX);
    let ended: i32 = db.query_one(scope(), &EXPIRE_WORKERS, &[]).await?.get(0);
    if ended > 0 {
        tracing::warn!(ended, "workers declared dead");
    }
    let mut rescued = 0;
    loop {
        let page: i32 = db.query_one(scope(), &RESCUE_JOBS, &[&PAGE, &crashes_max]).await?.get(0);
        rescued += page;
        if page < PAGE {
            return Ok(rescued);
        }
    }
}
