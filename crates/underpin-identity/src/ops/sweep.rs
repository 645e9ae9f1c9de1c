use std::time::Duration;

use crate::{
    Identity, Result,
    store::{access_changes, attempts, factors, invites, resets, sessions},
};

/// Rows that one statement deletes.
const BATCH: i64 = 1_000;
/// Batches of one sweep: what is left waits for the next.
const BATCHES_MAX: usize = 20;
/// How long ended sessions and invites stay, so that "where was I signed in" can be answered.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// How long it is known whose access changed: longer than any process goes without looking.
const CHANGES_KEPT: Duration = Duration::from_hours(1);
/// How long what was asked for and not finished stays.
const FORGOTTEN: Duration = Duration::from_hours(24);

/// What a sweep deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Sessions that ended 30 days ago.
    pub sessions: usize,
    /// Invites that ended 30 days ago.
    pub invites: usize,
    /// Tries to sign in that no longer count.
    pub attempts: usize,
    /// Sign-ins that waited for a second factor.
    pub challenges: usize,
    /// Passwords that somebody asked to set anew.
    pub resets: usize,
    /// Changes of access that every process has read.
    pub access_changes: usize,
}

impl Identity {
    /// Delete what ended long ago, in bounded batches. Retry: safe. Run by a schedule, as `system`.
    pub async fn sweep(&self) -> Result<Swept> {
        let (db, now) = (self.db(), self.now());
        let mut swept = Swept::default();
        for _ in 0..BATCHES_MAX {
            let deleted = [
                sessions::sweep(db, now - KEPT, BATCH).await?,
                invites::sweep(db, now - KEPT, BATCH).await?,
                attempts::sweep(db, now - attempts::WINDOW, BATCH).await?,
                factors::sweep(db, now - FORGOTTEN, BATCH).await?,
                resets::sweep(db, now - FORGOTTEN, BATCH).await?,
                access_changes::sweep(db, now - CHANGES_KEPT, BATCH).await?,
            ];
            swept.sessions += deleted[0];
            swept.invites += deleted[1];
            swept.attempts += deleted[2];
            swept.challenges += deleted[3];
            swept.resets += deleted[4];
            swept.access_changes += deleted[5];
            if deleted.iter().all(|deleted| *deleted < BATCH as usize) {
                break;
            }
        }
        Ok(swept)
    }
}
