//! The end of an import, good or bad.

use jiff::Timestamp;
use underpin::db::Tx;
use underpin::jobs::{Enqueue, crash_point, enqueue};

use super::apply_chunk::{File, over};
use crate::{Result, events, import::FileError, jobs::sum_movements::SumMovements, store::imports};

/// End an import: done, or failed for a reason that lies in the file.
///
/// Effects: final counts, `import.finished`, and `funds.imported` if it went well; the job that sums the movements if anything was applied.
/// Errors: [`crate::Error::ImportOver`] if it is over already.
pub(crate) async fn finish_import(
    tx: &mut Tx,
    file: File,
    failure: Option<&FileError>,
    at: Timestamp,
) -> Result<()> {
    let message = failure.map(ToString::to_string);
    let error = failure.map(FileError::code).zip(message.as_deref());
    let bytes_read = failure.is_none().then_some(file.bytes);
    crash_point("import.finish.before");
    let changed = imports::finish(tx, file.import, bytes_read, error, at).await;
    let changed = changed.map_err(|error| over(error, file.import))?;
    crash_point("import.finish.after");
    events::finished(tx, file, &changed, error, at).await?;
    crash_point("import.finished.after");
    if changed.counts.applied > 0 {
        enqueue(tx, &SumMovements { import_id: file.import }, Enqueue::default()).await?;
    }
    crash_point("import.sums.after");
    Ok(())
}
