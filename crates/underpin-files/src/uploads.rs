//! The row, the bytes, the commit.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::Stream;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use underpin_base::{Clock, Principal, id};
use underpin_db::{Db, Tx};

use crate::{Error, Files, Incoming, Limits, Received, Result, receive, store};

id! {
    /// A file that somebody sent.
    pub UploadId
}

/// Uploads that one process takes at a time; each holds up to 2 MiB.
const UPLOADS_MAX: usize = 16;
/// Longest file name, in characters.
const FILENAME_MAX: usize = 255;
/// Longest media type, in characters.
const MEDIA_TYPE_MAX: usize = 127;

/// Takes bodies in and keeps book of them. Cheap to clone.
#[derive(Clone)]
pub struct Uploads {
    pub(crate) db: Db,
    pub(crate) files: Files,
    pub(crate) clock: Arc<dyn Clock>,
    places: Arc<Semaphore>,
}

impl std::fmt::Debug for Uploads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Uploads")
            .field("free", &self.places.available_permits())
            .finish_non_exhaustive()
    }
}

impl Uploads {
    /// Uploads into `files`, at most 16 at a time.
    pub fn new(db: Db, files: Files, clock: Arc<dyn Clock>) -> Self {
        Self::with_places(db, files, clock, UPLOADS_MAX)
    }

    /// As [`Uploads::new`], with another number of uploads at a time.
    pub fn with_places(db: Db, files: Files, clock: Arc<dyn Clock>, places: usize) -> Self {
        Self { db, files, clock, places: Arc::new(Semaphore::new(places)) }
    }

    /// Take a body in; what comes back is whole, hashed and on the disk, and belongs to nobody until [`Uploads::commit`].
    ///
    /// Keeps: memory is constant (two parts of 1 MiB) whatever the size; a row `receiving` exists before the first byte.
    /// Effects: one row, one object. After an error neither object nor row stays; after a crash the sweep removes both.
    /// Errors: [`Error::TooLarge`] by the header before a byte is read, or by the count; [`Error::BodyTimeout`];
    /// [`Error::BodyBroken`]; [`Error::LengthMismatch`]; [`Error::BadFilename`]; [`Error::Busy`] when all places are taken.
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
        let Incoming { filename, media_type, content_length, body } = incoming;
        if content_length.is_some_and(|length| length > limits.bytes_max) {
            return Err(Error::TooLarge { bytes_max: limits.bytes_max });
        }
        check_filename(&filename)?;
        let media_type =
            media_type.map(|text| text.chars().take(MEDIA_TYPE_MAX).collect::<String>());
        let _place = self.places.try_acquire().map_err(|_| Error::Busy)?;
        let upload_id = UploadId::new();
        let key = format!("uploads/{}/{upload_id}", principal.tenant);
        let (tenant, subject) = (principal.tenant.uuid(), principal.subject.uuid());
        let (id, now) = (upload_id.uuid(), self.clock.now());
        self.db
            .execute(
                principal,
                &store::INSERT_UPLOAD,
                &[&tenant, &id, &key, &filename, &media_type, &subject, &now],
            )
            .await?;
        match receive::write(&self.files, &key, content_length, body, limits).await {
            Ok(whole) => {
                Ok(Received { upload_id, key, filename, bytes: whole.bytes, sha256: whole.sha256 })
            }
            Err(error) => {
                self.forget(principal, upload_id).await;
                Err(error)
            }
        }
    }

    /// Mark a received file as used, in the transaction that uses it.
    ///
    /// Errors: [`Error::Gone`] if the sweep was faster or the file is used already.
    pub async fn commit(&self, tx: &mut Tx, received: &Received, at: Timestamp) -> Result<()> {
        let (tenant, id) = (tx.principal()?.tenant.uuid(), received.upload_id.uuid());
        let (bytes, sha256) = (received.bytes as i64, received.sha256.as_slice());
        let marked = tx.execute(&store::MARK_STORED, &[&tenant, &id, &bytes, &sha256, &at]).await?;
        if marked == 1 { Ok(()) } else { Err(Error::Gone) }
    }

    /// Remove a received file that will not be used; what cannot be removed now is left to the sweep.
    pub async fn discard(&self, principal: Principal, received: &Received) {
        if self.forget(principal, received.upload_id).await
            && let Err(error) = self.files.delete(&received.key).await
        {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(key = received.key, error, "unused object is left to the sweep");
        }
    }

    /// The storage behind.
    pub const fn files(&self) -> &Files {
        &self.files
    }

    /// Whether the row of an unused upload is gone by our hand: then nobody can use the object any more.
    async fn forget(&self, principal: Principal, upload_id: UploadId) -> bool {
        let (tenant, id) = (principal.tenant.uuid(), upload_id.uuid());
        match self.db.execute(principal, &store::DELETE_UNUSED, &[&tenant, &id]).await {
            Ok(count) => count == 1,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(%upload_id, error, "unused upload is left to the sweep");
                false
            }
        }
    }
}

fn check_filename(name: &str) -> Result<()> {
    let length = name.chars().count();
    if (1..=FILENAME_MAX).contains(&length) && !name.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(Error::BadFilename)
    }
}
