//! What was begun and never used is removed.

use std::{collections::HashSet, time::Duration};

use futures_util::StreamExt as _;
use underpin_db::{Purpose, Scope};

use crate::{Result, Uploads, store};

/// Rows and keys that are looked at together.
const BATCH: usize = 500;

/// What a sweep removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Rows that were never used.
    pub rows: u64,
    /// Objects of such rows, objects without a row, and what was left half written.
    pub objects: u64,
}

impl Uploads {
    /// Remove uploads that were begun more than `age` ago and never used, and objects of that age without a row.
    ///
    /// Keeps: a row is taken before its object is deleted, so a file that a commit uses is never removed; an upload whose row was taken
    /// finds [`crate::Error::Gone`] at its commit.
    /// Retry: safe, also from many processes at once. `age` must be longer than the longest body may take.
    pub async fn sweep(&self, age: Duration) -> Result<Swept> {
        let mut swept = Swept::default();
        let now = self.clock.now();
        let Ok(before) = now.checked_sub(age) else { return Ok(swept) };
        loop {
            let scope = Scope::System(Purpose::Sweep);
            let limit = BATCH as i64;
            let rows = self.db.query(scope, &store::SWEEP_UNUSED, &[&before, &limit]).await?;
            for row in &rows {
                self.files.delete(row.get(0)).await?;
            }
            swept.rows += rows.len() as u64;
            swept.objects += rows.len() as u64;
            if rows.len() < BATCH {
                break;
            }
        }
        swept.objects += self.files.remove_partial("uploads", before.as_second()).await?;
        let mut found = self.files.list("uploads").ready_chunks(BATCH);
        while let Some(batch) = found.next().await {
            let batch = batch.into_iter().collect::<Result<Vec<_>>>()?;
            let old = batch.into_iter().filter(|(_, written)| *written < before.as_second());
            swept.objects += self.sweep_objects(old.map(|(key, _)| key).collect()).await?;
        }
        Ok(swept)
    }

    async fn sweep_objects(&self, keys: Vec<String>) -> Result<u64> {
        if keys.is_empty() {
            return Ok(0);
        }
        let scope = Scope::System(Purpose::Sweep);
        let rows = self.db.query(scope, &store::LIST_KNOWN, &[&keys]).await?;
        let known: HashSet<String> = rows.iter().map(|row| row.get(0)).collect();
        let mut removed = 0;
        for key in keys.iter().filter(|key| !known.contains(*key)) {
            self.files.delete(key).await?;
            removed += 1;
        }
        Ok(removed)
    }
}
