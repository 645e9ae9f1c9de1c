//! Files that go past the server: announced, sent to a URL, completed, verified, used.

use futures_util::StreamExt as _;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use underpin_base::{Principal, TenantId};
use underpin_db::Tx;

use crate::{
    Error, Limits, PutUrl, Received, Result, Upload, UploadId, Uploads, ledger,
    store::uploads as store,
    uploads::{check_filename, shortened},
};

/// Most that one request may put into a bucket.
const PUT_BYTES_MAX: u64 = 5 << 30;
/// How long a file may be on its way after its URL expired, in seconds.
const ON_THE_WAY_SECONDS: i64 = 300;
/// How long the verification may take to come to its turn, and its verdict is kept, in seconds.
const VERDICT_SECONDS: i64 = 24 * 3_600;

/// A file that somebody wants to send past the server.
#[derive(Debug, Clone)]
pub struct Announce {
    /// As the sender calls it.
    pub filename: String,
    /// `Content-Type` without parameters.
    pub media_type: Option<String>,
    /// Its size.
    pub bytes: u64,
    /// The digest of its bytes.
    pub sha256: [u8; 32],
}

/// What the look at a file that was sent past the server found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is what was announced, and a copy lies under a key that nobody has a URL for.
    Good {
        /// The copy's key.
        key: String,
    },
    /// It is not.
    Bad {
        /// Why: `missing`, `size` or `sha256`.
        reason: &'static str,
    },
}

/// Where a file lies until it was looked at.
pub(crate) fn incoming_key(tenant: TenantId, upload_id: UploadId) -> String {
    format!("incoming/{tenant}/{upload_id}")
}

impl Uploads {
    /// Enter an upload and give out a URL to send the file to.
    ///
    /// Effects: one row, which the sweep takes some minutes after the URL expired if the file is not completed by then.
    /// Errors: [`Error::DirectOnly`] where files lie in a directory; [`Error::TooLarge`]; [`Error::BadFilename`];
    /// [`Error::TooMany`]; [`Error::QuotaExceeded`].
    pub async fn announce(
        &self,
        principal: Principal,
        announce: Announce,
        limits: &Limits,
    ) -> Result<(Upload, PutUrl)> {
        let Announce { filename, media_type, bytes, sha256 } = announce;
        if self.files.is_local() {
            return Err(Error::DirectOnly);
        }
        let bytes_max = limits.bytes_max.min(PUT_BYTES_MAX);
        if bytes > bytes_max {
            return Err(Error::TooLarge { bytes_max });
        }
        check_filename(&filename)?;
        let media_type = media_type.as_deref().map(shortened);
        let upload_id = UploadId::new();
        let key = format!("uploads/{}/{upload_id}", principal.tenant);
        let kind = media_type.as_deref().unwrap_or("application/octet-stream");
        let lasts = self.bounds.url_lasts;
        let incoming = incoming_key(principal.tenant, upload_id);
        let url = self.files.presign_put(&incoming, &sha256, kind, lasts).await?;
        let entry = ledger::Entry {
            upload_id,
            key: &key,
            filename: &filename,
            media_type,
            bytes_expected: bytes,
            announced: Some((bytes, sha256)),
            lease_seconds: lasts.as_secs() as i64 + ON_THE_WAY_SECONDS,
            at: self.clock.now(),
        };
        ledger::enter(self, principal, &entry).await?;
        Ok((self.find(principal, upload_id).await?, url))
    }

    /// An upload.
    ///
    /// Errors: [`Error::NoUpload`], also for one of another tenant.
    pub async fn find(&self, principal: Principal, upload_id: UploadId) -> Result<Upload> {
        let (tenant, id) = (principal.tenant.uuid(), upload_id.uuid());
        let row = self.db.query_opt(principal, &store::FIND_UPLOAD, &[&tenant, &id]).await?;
        row.map(|row| Upload::of(principal.tenant, upload_id, &row)).ok_or(Error::NoUpload)
    }

    /// Whether something of the announced size lies at the URL that was given out: one question to the store.
    ///
    /// Errors: [`Error::NotArrived`], [`Error::WrongSize`]; the sender may try again.
    pub async fn arrived(&self, upload: &Upload) -> Result<()> {
        match self.files.size(&incoming_key(upload.tenant, upload.id)).await {
            Ok(arrived) if arrived == upload.bytes => Ok(()),
            Ok(arrived) => Err(Error::WrongSize { announced: upload.bytes, arrived }),
            Err(Error::Missing { .. }) => Err(Error::NotArrived),
            Err(other) => Err(other),
        }
    }

    /// Note that the sender says it is there; true for the first to say so, who enqueues the verification in the same transaction.
    pub async fn complete(&self, tx: &mut Tx, upload_id: UploadId, at: Timestamp) -> Result<bool> {
        let (tenant, id) = (tx.principal()?.tenant.uuid(), upload_id.uuid());
        let params: &[&(dyn underpin_db::ToSql + Sync)] = &[&tenant, &id, &at, &VERDICT_SECONDS];
        Ok(tx.execute(&store::MARK_COMPLETED, params).await? == 1)
    }

    /// Take a completed file out of its URL's reach and read it whole. `attempt` is a number that no other attempt has.
    ///
    /// Keeps: constant memory; what is judged is a copy that neither the sender nor another attempt can change.
    /// Retry: safe until [`Uploads::settle`].
    pub async fn verify(&self, upload: &Upload, attempt: i64) -> Result<Verdict> {
        let (incoming, key) =
            (incoming_key(upload.tenant, upload.id), format!("{}-{attempt}", upload.key));
        match self.files.copy(&incoming, &key).await {
            Err(Error::Missing { .. }) => return Ok(Verdict::Bad { reason: "missing" }),
            other => other?,
        }
        let reason = match self.digest(&key).await? {
            (bytes, _) if bytes != upload.bytes => "size",
            (_, sha256) if Some(sha256) != upload.sha256 => "sha256",
            _ => return Ok(Verdict::Good { key }),
        };
        self.delete_quietly(&key).await;
        Ok(Verdict::Bad { reason })
    }

    async fn digest(&self, key: &str) -> Result<(u64, [u8; 32])> {
        let (mut pieces, mut bytes) = (self.files.stream(key).await?, 0);
        let mut digest = Sha256::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|source| Error::Storage {
                operation: "read an object",
                source: object_store::Error::Generic { store: "stream", source: source.into() },
            })?;
            bytes += piece.len() as u64;
            digest.update(&piece);
        }
        Ok((bytes, digest.finalize().into()))
    }

    /// Write the verdict down; whether the file is stored now, and counts. A good one is not if there is no room for it, or it was removed.
    pub async fn settle(
        &self,
        tx: &mut Tx,
        upload: &Upload,
        verdict: &Verdict,
        at: Timestamp,
    ) -> Result<bool> {
        let (tenant, id) = (tx.principal()?.tenant.uuid(), upload.id.uuid());
        let reason = match verdict {
            Verdict::Bad { reason } => reason,
            Verdict::Good { key } => {
                if ledger::add(tx, self.bounds.tenant_bytes_max, upload.bytes).await? {
                    let params: &[&(dyn underpin_db::ToSql + Sync)] = &[&tenant, &id, &at, key];
                    let stored = tx.execute(&store::MARK_VERIFIED, params).await? == 1;
                    if !stored {
                        ledger::subtract(tx, upload.bytes).await?;
                    }
                    return Ok(stored);
                }
                "quota"
            }
        };
        tx.execute(&store::MARK_REFUSED, &[&tenant, &id, &reason, &VERDICT_SECONDS]).await?;
        Ok(false)
    }

    /// Remove what a settled upload does not need; what cannot be removed now is left to the sweep.
    pub async fn tidy(&self, upload: &Upload, verdict: &Verdict, stored: bool) {
        if let (Verdict::Good { key }, false) = (verdict, stored) {
            self.delete_quietly(key).await;
        }
        self.delete_quietly(&incoming_key(upload.tenant, upload.id)).await;
    }

    /// Use a stored file, in the transaction that refers to it.
    ///
    /// Errors: [`Error::NoUpload`]; [`Error::Gone`] if it is not verified, or in use.
    pub async fn use_stored(&self, tx: &mut Tx, upload_id: UploadId) -> Result<Received> {
        let (tenant, id) = (tx.principal()?.tenant.uuid(), upload_id.uuid());
        let Some(row) = tx.query_opt(&store::MARK_USED, &[&tenant, &id]).await? else {
            let known = tx.query_opt(&store::FIND_UPLOAD, &[&tenant, &id]).await?;
            return Err(known.map_or(Error::NoUpload, |_| Error::Gone));
        };
        let sha256: Vec<u8> = row.get(3);
        Ok(Received {
            upload_id,
            key: row.get(0),
            filename: row.get(1),
            bytes: row.get::<_, i64>(2) as u64,
            sha256: sha256.try_into().map_err(|_| Error::Gone)?,
        })
    }

    /// Remove an upload that nothing uses.
    ///
    /// Errors: [`Error::NoUpload`]; [`Error::Gone`] if something uses it, or it is a body that is arriving.
    pub async fn remove(&self, principal: Principal, upload_id: UploadId) -> Result<()> {
        let key = self.db.transact(principal, |tx, _| {
            Box::pin(async move {
                let (tenant, id) = (tx.principal()?.tenant.uuid(), upload_id.uuid());
                ledger::lock(tx, tenant).await?;
                let Some(row) = tx.query_opt(&store::DELETE_UPLOAD, &[&tenant, &id]).await? else {
                    let known = tx.query_opt(&store::FIND_UPLOAD, &[&tenant, &id]).await?;
                    return Err(known.map_or(Error::NoUpload, |_| Error::Gone));
                };
                ledger::subtract(tx, row.get::<_, i64>(1) as u64).await?;
                Ok(row.get::<_, String>(0))
            })
        });
        let key = key.await?;
        self.delete_quietly(&key).await;
        self.delete_quietly(&incoming_key(principal.tenant, upload_id)).await;
        Ok(())
    }
}
