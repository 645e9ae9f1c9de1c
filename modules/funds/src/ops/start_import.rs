//! A file was received: everything that follows is one commit.

use jiff::Timestamp;
use underpin::base::Currency;
use underpin::db::Tx;
use underpin::files::{Received, Uploads};
use underpin::jobs::{Enqueue, JobId, Priority, crash_point, enqueue};

use super::apply_chunk::File;
use crate::{
    Result, events,
    jobs::apply_import::ApplyImport,
    model::ImportId,
    store::imports::{self, Counts, Import},
};

/// What a client is told before anything is parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// The import.
    pub import: ImportId,
    /// The job that applies it.
    pub job: JobId,
}

/// Enter an import of a received file and enqueue its job.
///
/// Effects: the upload is stored, one import, one job, one event; one transaction.
/// Errors: [`underpin::files::Error::Gone`] if the upload was swept or used already.
/// Retry: not safe; the upload can be used once.
pub async fn start_import(
    tx: &mut Tx,
    uploads: &Uploads,
    received: &Received,
    currency: Currency,
    at: Timestamp,
) -> Result<Started> {
    crash_point("import.upload.before");
    uploads.commit(tx, received, at).await?;
    crash_point("import.upload.after");
    enter(tx, received, currency, at).await
}

/// The import of a file that the transaction has put to use.
pub(super) async fn enter(
    tx: &mut Tx,
    received: &Received,
    currency: Currency,
    at: Timestamp,
) -> Result<Started> {
    let principal = tx.principal()?;
    let started = Started { import: ImportId::new(), job: JobId::new() };
    let import = Import {
        id: started.import,
        upload: received.upload_id,
        job: started.job.uuid(),
        kind: "funds".to_owned(),
        object_key: received.key.clone(),
        filename: received.filename.clone(),
        bytes: received.bytes as i64,
        sha256: received.sha256.to_vec(),
        currency: currency.code().to_owned(),
        counts: Counts::default(),
        bytes_read: 0,
        error: None,
        created_by: principal.subject,
        created_by_name: String::new(),
        created_at: at,
        started_at: None,
        finished_at: None,
        version: 1,
    };
    imports::insert(tx, &import).await?;
    crash_point("import.row.after");
    let options = Enqueue { id: Some(started.job), priority: Priority::High, ..Enqueue::default() };
    enqueue(tx, &ApplyImport { import_id: started.import }, options).await?;
    crash_point("import.job.after");
    events::queued(tx, File { import: started.import, bytes: import.bytes }, at).await?;
    crash_point("import.queued.after");
    Ok(started)
}
