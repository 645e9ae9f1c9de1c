use axum::extract::State;
use underpin_db::Tx;
use underpin_files::{Error, UploadState, Uploads};
use underpin_jobs::{Enqueue, enqueue};

use super::{
    shapes::{At, Upload},
    verify::{Failure, VerifyUpload},
};
use crate::{Answer, Api, Path, Problem, Staff};

/// Say that the file was sent to its URL. A job looks whether it is what was announced; only then it counts.
#[utoipa::path(post, path = "/v1/t/{tenant}/uploads/{upload}/complete", operation_id = "complete_upload", tag = "uploads",
    params(("tenant" = String, Path), ("upload" = String, Path, format = Uuid)),
    extensions(("x-idempotency" = json!("none: to say it twice is to say it once"))),
    responses(
        (status = 202, body = Upload),
        (status = 409, description = "conflict")))]
pub(crate) async fn complete_upload(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { upload }): Path<At>,
) -> Result<Answer<Upload>, Problem> {
    let principal = tenant.principal;
    let found = api.uploads.find(principal, upload).await?;
    match found.state {
        UploadState::Expected => {}
        // There is no URL that anything could have been sent to.
        UploadState::Receiving => return Err(Error::Gone.into()),
        _ => return Ok(Answer::accepted(found.into())),
    }
    api.uploads.arrived(&found).await?;
    let (uploads, now) = (&api.uploads, api.now());
    let completed = api.db.transact(principal, |tx, _| {
        Box::pin(
            async move { complete(tx, uploads, VerifyUpload { upload_id: upload }, now).await },
        )
    });
    completed.await?;
    Ok(Answer::accepted(Upload::verifying(found)))
}

/// The note and the job are one commit; who comes second finds the note and enqueues nothing.
async fn complete(
    tx: &mut Tx,
    uploads: &Uploads,
    job: VerifyUpload,
    at: jiff::Timestamp,
) -> Result<(), Failure> {
    if uploads.complete(tx, job.upload_id, at).await? {
        enqueue(tx, &job, Enqueue::default()).await?;
    }
    Ok(())
}
