//! What is kept of the past, and the schedules that see to it.

use std::time::Duration;

use underpin_db::{Db, Purpose, Scope};

use crate::{
    Fault, Result, Schedule,
    store::history::{
        DELETE_DEAD, DELETE_FIRES, DELETE_PARTITIONS, DELETE_WORKERS, INSERT_PARTITIONS,
    },
};

/// Dead letters that one statement drops.
const DEAD_PAGE: i64 = 1_000;

/// How long what is over is kept.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Days of finished jobs.
    pub done_days: u16,
    /// Days of dead letters.
    pub dead_days: u16,
    /// Days of the schedules' ledger and of ended workers.
    pub ledger_days: u16,
    /// Days after today that have their partitions.
    pub ahead_days: u16,
}

impl Default for Retention {
    fn default() -> Self {
        Self { done_days: 14, dead_days: 90, ledger_days: 7, ahead_days: 30 }
    }
}

impl Retention {
    /// Make partitions ahead and drop what is over. Retry: safe.
    pub async fn run(&self, db: &Db) -> Result<()> {
        let scope = || Scope::System(Purpose::Sweep);
        self.make_ahead(db).await?;
        db.query_one(scope(), &DELETE_PARTITIONS, &[&i32::from(self.done_days.max(1))]).await?;
        let dead_days = i32::from(self.dead_days.max(1));
        while db.execute(scope(), &DELETE_DEAD, &[&dead_days, &DEAD_PAGE]).await?
            == DEAD_PAGE as u64
        {}
        let ledger_days = i32::from(self.ledger_days.max(1));
        db.execute(scope(), &DELETE_FIRES, &[&ledger_days]).await?;
        db.execute(scope(), &DELETE_WORKERS, &[&ledger_days]).await?;
        Ok(())
    }

    /// Make the partitions of the days to come. Every worker does so at its start: a job cannot end on a day without one.
    pub(crate) async fn make_ahead(&self, db: &Db) -> Result<()> {
        let ahead = i32::from(self.ahead_days.max(1));
        db.query_one(Scope::System(Purpose::Sweep), &INSERT_PARTITIONS, &[&ahead]).await?;
        Ok(())
    }
}

/// The schedules of this crate and of the log below it, hourly: `jobs.retention` and `log.retention`.
pub fn housekeeping() -> Vec<Schedule> {
    const HOUR: Duration = Duration::from_hours(1);
    vec![
        Schedule::new("jobs.retention", HOUR, |sweep| async move {
            Retention::default().run(sweep.db()).await.map_err(Fault::from)
        }),
        Schedule::new("log.retention", HOUR, |sweep| async move {
            underpin_log::Retention::default().run(sweep.db()).await?;
            Ok(())
        }),
    ]
}
