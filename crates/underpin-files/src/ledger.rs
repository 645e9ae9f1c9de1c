//! What is counted of a tenant: uploads under way, and bytes stored.

use jiff::Timestamp;
use underpin_base::Principal;
use underpin_db::Tx;
use uuid::Uuid;

use crate::{
    Bounds, Error, Result, UploadId, Uploads,
    store::{
        uploads::INSERT_UPLOAD,
        usage::{ADD_USAGE, INSERT_USAGE, LOCK_USAGE, SUBTRACT_USAGE},
    },
};

/// An upload that wants to begin.
#[derive(Debug)]
pub(crate) struct Entry<'e> {
    pub(crate) upload_id: UploadId,
    pub(crate) key: &'e str,
    pub(crate) filename: &'e str,
    pub(crate) media_type: Option<String>,
    /// What is known of its size: at least so much must be left of what the tenant may store.
    pub(crate) bytes_expected: u64,
    /// Of a file that is sent past the server.
    pub(crate) announced: Option<(u64, [u8; 32])>,
    pub(crate) lease_seconds: i64,
    pub(crate) at: Timestamp,
}

/// Insert its row, if person and tenant may have one more.
///
/// Errors: [`Error::TooMany`], [`Error::QuotaExceeded`].
pub(crate) async fn enter(
    uploads: &Uploads,
    principal: Principal,
    entry: &Entry<'_>,
) -> Result<()> {
    let bounds = &uploads.bounds;
    uploads
        .db
        .transact(principal, |tx, _| Box::pin(async move { insert(tx, bounds, entry).await }))
        .await
}

async fn insert(tx: &mut Tx, bounds: &Bounds, entry: &Entry<'_>) -> Result<()> {
    let Principal { tenant, subject, .. } = tx.principal()?;
    let (tenant, subject, id) = (tenant.uuid(), subject.uuid(), entry.upload_id.uuid());
    let stored = lock(tx, tenant).await?;
    if stored.saturating_add(entry.bytes_expected) > bounds.tenant_bytes_max {
        return Err(exceeded(bounds));
    }
    let (per_user, per_tenant) = match entry.announced {
        None => (bounds.per_user_max, bounds.per_tenant_max),
        Some(_) => (bounds.urls_per_user_max, bounds.urls_per_tenant_max),
    };
    let announced_bytes = entry.announced.map(|(bytes, _)| bytes as i64);
    let announced_sha256 = entry.announced.map(|(_, sha256)| sha256.to_vec());
    let (most_mine, most_ours) = (i64::from(per_user), i64::from(per_tenant));
    let row = tx
        .query_one(
            &INSERT_UPLOAD,
            &[
                &tenant,
                &id,
                &entry.key,
                &entry.filename,
                &entry.media_type,
                &subject,
                &entry.at,
                &announced_bytes,
                &announced_sha256,
                &most_mine,
                &most_ours,
                &entry.lease_seconds,
            ],
        )
        .await?;
    let (mine, begun): (i64, bool) = (row.get(0), row.get(2));
    match begun {
        true => Ok(()),
        false if mine >= most_mine => Err(Error::TooMany { whose: "yours", open: per_user }),
        false => Err(Error::TooMany { whose: "your tenant", open: per_tenant }),
    }
}

/// The tenant's stored bytes, which nobody else changes until the end of the transaction.
pub(crate) async fn lock(tx: &mut Tx, tenant: Uuid) -> Result<u64> {
    let row = match tx.query_opt(&LOCK_USAGE, &[&tenant]).await? {
        Some(row) => row,
        None => tx.query_one(&INSERT_USAGE, &[&tenant]).await?,
    };
    Ok(row.get::<_, i64>(0) as u64)
}

/// Count a file; whether the tenant may store it.
pub(crate) async fn add(tx: &mut Tx, bytes_max: u64, bytes: u64) -> Result<bool> {
    let tenant = tx.principal()?.tenant.uuid();
    let (bytes, most) = (bytes as i64, i64::try_from(bytes_max).unwrap_or(i64::MAX));
    Ok(tx.execute(&ADD_USAGE, &[&tenant, &bytes, &most]).await? == 1)
}

/// A file is gone, or was counted for nothing.
pub(crate) async fn subtract(tx: &mut Tx, bytes: u64) -> Result<()> {
    let (tenant, bytes) = (tx.principal()?.tenant.uuid(), bytes as i64);
    tx.execute(&SUBTRACT_USAGE, &[&tenant, &bytes]).await?;
    Ok(())
}

pub(crate) const fn exceeded(bounds: &Bounds) -> Error {
    Error::QuotaExceeded { bytes_max: bounds.tenant_bytes_max }
}
