//! How long the log is kept.

use jiff::civil::Date;
use underpin_db::{Db, Purpose, Scope};

use crate::{
    Result,
    store::partitions::{
        DELETE_DAYS, DELETE_HEADS, DELETE_PARTITIONS, GET_FLOORS, INSERT_PARTITIONS,
    },
};

/// How long the log is kept, and how far ahead its days are made. Run it by a schedule, hourly.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Days before today that are kept, at least 1.
    pub keep_days: u16,
    /// Days after today that have their partitions: as long as nobody needs to run anything.
    pub ahead_days: u16,
}

/// What a run of retention did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// Partitions made ahead.
    pub made: i32,
    /// Partitions dropped.
    pub dropped: i32,
    /// Topics without a kept entry.
    pub topics: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { keep_days: 30, ahead_days: 30 }
    }
}

impl Retention {
    /// Make partitions ahead and drop the days that are over, whole.
    ///
    /// Keeps: no event that waits for its place or has a kept entry is dropped. Readers below the floor are told to resync.
    /// Retry: safe. Errors: unavailable if a reader holds a partition for longer than 200 ms; the next run drops it.
    pub async fn run(&self, db: &Db) -> Result<Forgotten> {
        let keep = i32::from(self.keep_days.max(1));
        let ahead = i32::from(self.ahead_days.max(1));
        let scope = Scope::System(Purpose::Sweep);
        let made = db.query_one(scope.clone(), &INSERT_PARTITIONS, &[&ahead]).await?.get(0);
        db.transact(scope, |tx, _| {
            Box::pin(async move {
                let floors = tx.query_one(&GET_FLOORS, &[&keep]).await?;
                let (log, event): (Date, Date) = (floors.get(0), floors.get(1));
                let dropped = tx.query_one(&DELETE_PARTITIONS, &[&log, &event]).await?.get(0);
                tx.execute(&DELETE_DAYS, &[&log]).await?;
                let topics = tx.execute(&DELETE_HEADS, &[&log]).await?;
                Ok(Forgotten { made, dropped, topics })
            })
        })
        .await
    }
}
