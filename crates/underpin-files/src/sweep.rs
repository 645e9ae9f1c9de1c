//! What was begun and never used is removed.

use std::{collections::HashSet, time::Duration};

use futures_util::StreamExt as _;
use underpin_base::TenantId;
use underpin_db::{Purpose, Row, Scope, Statement};
use uuid::Uuid;

use crate::{Result, UploadId, Uploads, announced::incoming_key, store::sweep as store};

/// Rows and keys that are looked at together.
const BATCH: usize = 500;
/// How long a row that a sweeper took is left to it, in seconds.
const CLAIM_SECONDS: i64 = 600;
/// Failures that a sweep goes on after.
const FAILURES_MAX: u32 = 3;

/// What a sweep removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Rows that were never used.
    pub rows: u64,
    /// Objects without a row, and what was left half written.
    pub objects: u64,
}

impl Uploads {
    /// Remove uploads whose time is over: bodies that stopped arriving with their process, URLs to which nothing was sent.
    ///
    /// Keeps: a row is taken before its object is deleted, so a file that a commit uses is never removed, and goes after all that lies in
    /// the store for it, so that nothing is forgotten if this stops half way. An upload whose row was taken finds
    /// [`crate::Error::Gone`] at its commit.
    /// Retry: safe, also from many processes at once.
    pub async fn sweep(&self) -> Result<Swept> {
        let mut swept = Swept::default();
        let mut failures = 0;
        loop {
            let scope = Scope::System(Purpose::Sweep);
            let limit = BATCH as i64;
            let rows =
                self.db.query(scope, &store::CLAIM_EXPIRED, &[&limit, &CLAIM_SECONDS]).await?;
            for row in &rows {
                match self.remove_claimed(row).await {
                    Ok(rows) => swept.rows += rows,
                    // One that cannot be removed does not stand in the way of others, unless it is the store that is away.
                    Err(error) if failures < FAILURES_MAX && rows.len() > 1 => {
                        failures += 1;
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(error, "an upload could not be swept");
                    }
                    Err(error) => return Err(error),
                }
            }
            if rows.len() < BATCH {
                return Ok(swept);
            }
        }
    }

    async fn remove_claimed(&self, row: &Row) -> Result<u64> {
        let (tenant, id): (Uuid, Uuid) = (row.get(0), row.get(1));
        let (key, multipart_id): (&str, Option<&str>) = (row.get(2), row.get(3));
        self.files.forget(key, multipart_id).await?;
        if row.get(4) {
            let (tenant, id) = (TenantId::from_uuid(tenant), UploadId::from_uuid(id));
            self.files.delete(&incoming_key(tenant, id)).await?;
        }
        let scope = Scope::System(Purpose::Sweep);
        Ok(self.db.execute(scope, &store::DELETE_SWEPT, &[&tenant, &id]).await?)
    }

    /// Remove objects older than `age` that no row speaks of, and what a killed process left half written.
    ///
    /// Reads the whole list of objects, so it is for once or twice a day. Retry: safe. `age` must be longer than the longest body may take.
    pub async fn sweep_orphans(&self, age: Duration) -> Result<Swept> {
        let mut swept = Swept::default();
        let Ok(before) = self.clock.now().checked_sub(age) else { return Ok(swept) };
        let before = before.as_second();
        swept.objects += self.files.remove_partial("uploads", before).await?;
        for prefix in ["uploads", "incoming"] {
            let mut found = self.files.list(prefix).ready_chunks(BATCH);
            while let Some(batch) = found.next().await {
                let batch = batch.into_iter().collect::<Result<Vec<_>>>()?;
                let old = batch.into_iter().filter(|(_, written)| *written < before);
                swept.objects += self.sweep_objects(old.map(|(key, _)| key).collect()).await?;
            }
        }
        Ok(swept)
    }

    async fn sweep_objects(&self, keys: Vec<String>) -> Result<u64> {
        if keys.is_empty() {
            return Ok(0);
        }
        // Once a file is stored, what still comes to its URL is nobody's.
        let (ask, rows): (&'static Statement, Vec<String>) = match keys
            .iter()
            .map(|key| key.strip_prefix("incoming/"))
            .collect::<Option<Vec<_>>>()
        {
            None => (&store::LIST_KNOWN, keys.clone()),
            Some(ids) => {
                (&store::LIST_OPEN, ids.iter().map(|id| format!("uploads/{id}")).collect())
            }
        };
        let known = self.db.query(Scope::System(Purpose::Sweep), ask, &[&rows]).await?;
        let known: HashSet<String> = known.iter().map(|row| row.get(0)).collect();
        let mut removed = 0;
        for (key, row) in keys.iter().zip(&rows) {
            if !known.contains(row) {
                self.files.delete(key).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Remove the objects of a tenant that was purged; gives how many. What cannot be removed now is left to the sweep.
    ///
    /// Keeps: an object that has a row stays.
    pub async fn remove_objects_of(&self, tenant: TenantId) -> Result<u64> {
        let mut removed = 0;
        for prefix in [format!("uploads/{tenant}"), format!("incoming/{tenant}")] {
            let mut found = self.files.list(&prefix).ready_chunks(BATCH);
            while let Some(batch) = found.next().await {
                let keys = batch.into_iter().map(|found| found.map(|(key, _)| key));
                removed += self.sweep_objects(keys.collect::<Result<_>>()?).await?;
            }
        }
        Ok(removed)
    }
}
