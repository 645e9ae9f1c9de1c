//! The row, the bytes, the commit.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::Stream;
use jiff::Timestamp;
use tokio::time::Instant;
use underpin_base::{Clock, Principal, id};
use underpin_db::{Db, Tx};

use crate::{
    Bounds, Encoding, Error, Files, Incoming, Limits, Received, Result,
    cleanup::Cleanup,
    ledger,
    memory::Memory,
    object::Object,
    receive::{self, Sink, Whole},
    store::uploads as store,
};

id! {
    /// A file that somebody sent.
    pub UploadId
}

/// Longest file name, in characters.
const FILENAME_MAX: usize = 255;
/// Longest media type, in characters.
const MEDIA_TYPE_MAX: usize = 127;
/// How long a row is kept whose process does not say that bytes arrive, in seconds.
const LEASE_SECONDS: i64 = 180;
/// How often it says so, in seconds.
const RENEW_SECONDS: u64 = 30;
/// What unfolding a compressed body takes beside its part.
const UNFOLD_BYTES: u64 = 1_280 << 10;

/// Takes files in and keeps book of them. Cheap to clone.
#[derive(Clone)]
pub struct Uploads {
    pub(crate) db: Db,
    pub(crate) files: Files,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) bounds: Bounds,
    memory: Arc<Memory>,
}

impl std::fmt::Debug for Uploads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Uploads")
            .field("bounds", &self.bounds)
            .field("free_bytes", &self.memory.free_bytes())
            .finish_non_exhaustive()
    }
}

impl Uploads {
    /// Uploads into `files`, within the bounds of [`Bounds::default`].
    pub fn new(db: Db, files: Files, clock: Arc<dyn Clock>) -> Self {
        let bounds = Bounds::default();
        Self { db, files, clock, memory: Arc::new(Memory::new(&bounds)), bounds }
    }

    /// The same within other bounds.
    #[must_use]
    pub fn with_bounds(self, bounds: Bounds) -> Self {
        Self { memory: Arc::new(Memory::new(&bounds)), bounds, ..self }
    }

    /// Take a body in; what comes back is whole, hashed and in the store, and belongs to nobody until [`Uploads::commit`].
    ///
    /// Keeps: memory is one part (1 MiB on a disk, 5 MiB in a bucket) whatever the size, out of what the process may hold; a row
    /// exists before the first byte is read, and the store has said that it takes the object.
    /// Effects: one row, one object. After an error neither stays; after a crash the sweep removes both.
    /// Errors: before a byte is read [`Error::TooLarge`] by the header, [`Error::BadFilename`], [`Error::TooMany`],
    /// [`Error::QuotaExceeded`], [`Error::Busy`], [`Error::Storage`]; then [`Error::TooLarge`] by the count,
    /// [`Error::BodyTimeout`], [`Error::BodyBroken`], [`Error::LengthMismatch`], [`Error::BadEncoding`].
    pub async fn receive<S, E>(
        &self,
        principal: Principal,
        incoming: Incoming<S>,
        limits: &Limits,
    ) -> Result<Received>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let Incoming { filename, media_type, content_length, encoding, body } = incoming;
        if content_length.is_some_and(|length| length > limits.bytes_max) {
            return Err(Error::TooLarge { bytes_max: limits.bytes_max });
        }
        check_filename(&filename)?;
        let upload_id = UploadId::new();
        let key = format!("uploads/{}/{upload_id}", principal.tenant);
        let entry = ledger::Entry {
            upload_id,
            key: &key,
            filename: &filename,
            media_type: media_type.as_deref().map(shortened),
            bytes_expected: content_length.unwrap_or(0),
            announced: None,
            lease_seconds: LEASE_SECONDS,
            at: self.clock.now(),
        };
        ledger::enter(self, principal, &entry).await?;
        let mut cleanup = Cleanup::new(self.clone(), principal, upload_id, key.clone());
        match self.fill(&mut cleanup, (content_length, encoding, body), limits).await {
            Ok(Whole { bytes, sha256 }) => {
                cleanup.disarm();
                Ok(Received { upload_id, key, filename, bytes, sha256 })
            }
            Err(error) => {
                cleanup.run().await;
                Err(error)
            }
        }
    }

    /// Move the body into the store.
    async fn fill<S, E>(
        &self,
        row: &mut Cleanup,
        body: (Option<u64>, Encoding, S),
        limits: &Limits,
    ) -> Result<Whole>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let part_bytes = self.files.part_bytes(limits.bytes_max);
        let needed = match (body.0, body.1) {
            (Some(length), Encoding::Identity) => length.min(part_bytes),
            (None, Encoding::Identity) => part_bytes,
            (_, Encoding::Gzip) => part_bytes + UNFOLD_BYTES,
        };
        let _held = self.memory.take(needed).await?;
        let object = self.files.begin(&row.key).await?;
        if let Some(id) = object.multipart_id() {
            row.multipart_id = Some(id.to_owned());
            // Before the first part: one that nobody knows of would be paid for without end.
            self.note_multipart(row, id).await?;
        }
        let mut sink = Row { object, of: row, renewed: Instant::now() };
        let whole = receive::pump(&mut sink, part_bytes as usize, body, limits).await?;
        sink.object.complete().await?;
        Ok(whole)
    }

    async fn note_multipart(&self, row: &Cleanup, id: &str) -> Result<()> {
        let (tenant, upload) = (row.principal.tenant.uuid(), row.upload_id.uuid());
        let params: &[&(dyn underpin_db::ToSql + Sync)] = &[&tenant, &upload, &id];
        match self.db.execute(row.principal, &store::NOTE_MULTIPART, params).await? {
            1 => Ok(()),
            _ => Err(Error::Gone),
        }
    }

    /// Mark a received file as used and count it, in the transaction that uses it.
    ///
    /// Keeps: a tenant never has more stored than it may, whoever else stores at the same time.
    /// Errors: [`Error::Gone`] if the sweep was faster or the file is used already; [`Error::QuotaExceeded`].
    pub async fn commit(&self, tx: &mut Tx, received: &Received, at: Timestamp) -> Result<()> {
        let (tenant, id) = (tx.principal()?.tenant.uuid(), received.upload_id.uuid());
        let (bytes, sha256) = (received.bytes as i64, received.sha256.as_slice());
        // First the count, then the row: the order of all, so that nobody waits in a circle.
        let fits = ledger::add(tx, self.bounds.tenant_bytes_max, received.bytes).await?;
        let params: &[&(dyn underpin_db::ToSql + Sync)] = &[&tenant, &id, &bytes, &sha256, &at];
        if tx.execute(&store::MARK_STORED, params).await? != 1 {
            return Err(Error::Gone);
        }
        if fits { Ok(()) } else { Err(ledger::exceeded(&self.bounds)) }
    }

    /// Remove a received file that will not be used; what cannot be removed now is left to the sweep.
    pub async fn discard(&self, principal: Principal, received: &Received) {
        let (tenant, id) = (principal.tenant.uuid(), received.upload_id.uuid());
        match self.db.execute(principal, &store::DELETE_UNUSED, &[&tenant, &id]).await {
            // By our hand: then nobody can use the object any more.
            Ok(1) => self.delete_quietly(&received.key).await,
            Ok(_) => {}
            Err(error) => {
                let (upload_id, error) = (received.upload_id, &error as &dyn std::error::Error);
                tracing::warn!(%upload_id, error, "unused upload is left to the sweep");
            }
        }
    }

    /// Delete an object that nothing refers to; if that fails, the sweep will.
    pub(crate) async fn delete_quietly(&self, key: &str) {
        if let Err(error) = self.files.delete(key).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(key, error, "unused object is left to the sweep");
        }
    }

    /// Business time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The storage behind.
    pub const fn files(&self) -> &Files {
        &self.files
    }

    /// How much uploads may take.
    pub const fn bounds(&self) -> &Bounds {
        &self.bounds
    }
}

/// An object whose row says that it is arriving.
struct Row<'r> {
    object: Object,
    of: &'r Cleanup,
    renewed: Instant,
}

impl Sink for Row<'_> {
    async fn put(&mut self, part: Bytes) -> Result<()> {
        self.object.put(part).await
    }

    async fn stay(&mut self) -> Result<()> {
        if self.renewed.elapsed().as_secs() < RENEW_SECONDS {
            return Ok(());
        }
        let (tenant, id) = (self.of.principal.tenant.uuid(), self.of.upload_id.uuid());
        let params: &[&(dyn underpin_db::ToSql + Sync)] = &[&tenant, &id, &LEASE_SECONDS];
        let renew = self.of.uploads.db.execute(self.of.principal, &store::RENEW, params);
        match renew.await {
            Ok(0) => return Err(Error::Gone),
            Ok(_) => self.renewed = Instant::now(),
            // The lease is longer than a short absence of the database; the commit will tell.
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "an upload could not say that it is arriving");
            }
        }
        Ok(())
    }
}

pub(crate) fn check_filename(name: &str) -> Result<()> {
    let length = name.chars().count();
    if (1..=FILENAME_MAX).contains(&length) && !name.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(Error::BadFilename)
    }
}

pub(crate) fn shortened(media_type: &str) -> String {
    media_type.chars().take(MEDIA_TYPE_MAX).collect()
}
