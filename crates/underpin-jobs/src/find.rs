//! Looking at a job.

use underpin_base::TenantId;
use underpin_db::{Row, Tx};
use uuid::Uuid;

use crate::{Error, JobError, JobId, JobState, JobView, Result, store::jobs::FIND_JOB};

/// A job wherever it is in its life, if the transaction's principal may see it.
pub async fn find(tx: &mut Tx, id: JobId) -> Result<Option<JobView>> {
    tx.query_opt(&FIND_JOB, &[&id.uuid()]).await?.as_ref().map(view).transpose()
}

/// A row of `FIND_JOB` or one of the lists.
pub(crate) fn view(row: &Row) -> Result<JobView> {
    let errors = serde_json::from_value::<Vec<JobError>>(row.get(12))
        .map_err(|source| Error::Decode { what: "last_errors".into(), source })?;
    let state: &str = row.get(4);
    Ok(JobView {
        id: JobId::from_uuid(row.get(0)),
        tenant: row.get::<_, Option<Uuid>>(1).map(TenantId::from_uuid),
        kind: row.get(2),
        queue: row.get(3),
        state: state.parse().unwrap_or(JobState::Dead),
        attempt: row.get(5),
        errors: row.get(6),
        crashes: row.get(7),
        progress: row.get(8),
        created_at: row.get(9),
        run_at: row.get(10),
        finished_at: row.get(11),
        last_errors: errors,
        trace: row.get(13),
    })
}
