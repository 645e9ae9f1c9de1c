//! A file that lies in the store already becomes an import.

use jiff::Timestamp;
use underpin::base::Currency;
use underpin::db::Tx;
use underpin::files::{UploadId, Uploads};

use super::start_import::{Started, enter};
use crate::Result;

/// Enter an import of a stored file and enqueue its job.
///
/// Effects: the upload is in use, one import, one job, one event; one transaction.
/// Errors: [`underpin::files::Error::NoUpload`]; [`underpin::files::Error::Gone`] if the file is not verified or is in use.
/// Retry: not safe; the upload can be used once.
pub async fn import_upload(
    tx: &mut Tx,
    uploads: &Uploads,
    upload: UploadId,
    currency: Currency,
    at: Timestamp,
) -> Result<Started> {
    let stored = uploads.use_stored(tx, upload).await?;
    enter(tx, &stored, currency, at).await
}
