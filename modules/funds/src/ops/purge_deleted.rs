//! What was deleted long ago goes for good.

use jiff::Timestamp;
use underpin::db::{Db, watch::allow_fanout};

use crate::{Result, rules::keeping, store::purge};

/// Most batches of one kind that one run removes; the next run goes on.
const BATCHES_MAX: u32 = 200;

/// How much is removed, and when.
#[derive(Debug, Clone, Copy)]
pub struct Purge {
    /// Days in which what was deleted can be brought back.
    pub kept_days: u32,
    /// Most rows of one statement.
    pub batch: i64,
}

/// Remove what cannot be brought back any more, of every tenant, with the reports and movements that hang on it; gives how many rows.
///
/// Keeps: what hangs on a row goes before it, each batch is a transaction of its own, and nobody sees any of it: a run that ends in the
/// middle has only removed less. Retry: safe. Run by a schedule, as `system`, which sees deleted rows and no others.
pub async fn purge_deleted(db: &Db, purge: Purge, now: Timestamp) -> Result<u64> {
    allow_fanout("what is old is removed a batch at a time");
    let before = keeping::purged_before(now, purge.kept_days);
    let mut removed = 0;
    for statement in purge::IN_ORDER {
        for _ in 0..BATCHES_MAX {
            let rows = purge::batch(db, statement, before, purge.batch).await?;
            removed += rows.unsigned_abs();
            if rows < purge.batch {
                break;
            }
        }
    }
    Ok(removed)
}
