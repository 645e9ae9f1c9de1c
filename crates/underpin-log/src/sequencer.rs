//! Gives events their place in the log.

use std::time::Duration;

use tokio::time::Instant;
use underpin_db::{Db, Listener, Type, Wake};
use underpin_runtime::CancellationToken;

use crate::{
    Error, Result, Retention,
    store::{events::SEQUENCE, partitions::INSERT_PARTITIONS},
};

/// Most events of one transaction: large enough to share its flush, small enough to be over in tens of milliseconds.
const BATCH_MAX: i32 = 2_000;
/// Longest wait for a hint.
const POLL: Duration = Duration::from_millis(250);
/// Longest wait while another process sequences.
const RIVAL_POLL: Duration = Duration::from_secs(1);
/// Pause before a lost connection is made anew.
const RECONNECT: Duration = Duration::from_millis(200);
/// How often partitions are made ahead.
const PARTITIONS_EVERY: Duration = Duration::from_hours(1);

/// Gives events their place, one transaction per batch, on a connection of its own.
///
/// Any number of processes may run it: the lock is part of each transaction, so at most one places events at a time, and one that is
/// killed leaves neither a lock nor half a batch.
#[derive(Debug)]
pub struct Sequencer;

/// What one look at the waiting events found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Another process is at it.
    Rival,
    /// So many were placed.
    Placed(i32),
}

impl Sequencer {
    /// Sequence until `stop`; a lost connection is made anew.
    pub async fn run(db: Db, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let ended = tokio::select! {
                () = stop.cancelled() => return,
                ended = sequence(&db) => ended,
            };
            if let Err(error) = ended {
                tracing::warn!(error = &error as &dyn std::error::Error, "sequencing interrupted");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(RECONNECT) => {}
            }
        }
    }
}

/// Sequence on one connection until it fails.
///
/// Cancellation: safe; the server finishes or rolls back the batch it is at.
async fn sequence(db: &Db) -> Result<()> {
    let lost = |error| Error::Sequencer(Box::new(error));
    let mut hints = db.wakes().listen(Wake::Log);
    let client = db.dedicated().await?;
    let mut partitions_due = Instant::now();
    loop {
        if Instant::now() >= partitions_due {
            let ahead = i32::from(Retention::default().ahead_days);
            client
                .query_typed(INSERT_PARTITIONS.sql, &[(&ahead, Type::INT4)])
                .await
                .map_err(lost)?;
            partitions_due = Instant::now() + PARTITIONS_EVERY;
        }
        let rows =
            client.query_typed(SEQUENCE.sql, &[(&BATCH_MAX, Type::INT4)]).await.map_err(lost)?;
        let placed = rows.first().and_then(|row| row.get::<_, Option<i32>>(0));
        rest(db, &mut hints, placed.map_or(Look::Rival, Look::Placed)).await;
    }
}

/// Tell the readers, and wait for more unless there certainly is.
async fn rest(db: &Db, hints: &mut Listener, look: Look) {
    match look {
        Look::Rival => hints.wait(RIVAL_POLL).await,
        Look::Placed(0) => hints.wait(POLL).await,
        Look::Placed(placed) => {
            db.wakes().hint(Wake::Head);
            tracing::debug!(placed, "events sequenced");
        }
    }
}
