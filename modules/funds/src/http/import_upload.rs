use axum::extract::State;
use serde::Deserialize;
use underpin::{
    files::UploadId,
    http::{Answer, Answered, Api, Idempotent, Path, Staff},
};
use utoipa::ToSchema;

use super::create_import::{Response, currency, kind};
use crate::{Error, ops::import_upload};

/// What to do with the file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ImportUpload)]
pub(crate) struct Request {
    /// What is in the file: `funds`.
    #[schema(example = "funds")]
    kind: String,
    /// ISO 4217, of rows that name none.
    #[schema(example = "USD")]
    currency: String,
}

/// The upload in the path.
#[derive(Deserialize)]
pub(crate) struct At {
    upload: UploadId,
}

/// Import a file that was sent past the server. It must be stored, and is used by one import.
#[utoipa::path(post, path = "/v1/t/{tenant}/uploads/{upload}/imports", operation_id = "import_upload", tag = "funds",
    params(("tenant" = String, Path), ("upload" = String, Path, format = Uuid), Idempotent<Request>),
    request_body = Request,
    responses((status = 202, body = Response), (status = 409, description = "conflict, in_flight")))]
pub(crate) async fn import_upload(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { upload }): Path<At>,
    once: Idempotent<Request>,
) -> Answered {
    kind(&once.request().kind)?;
    let currency = currency(&once.request().currency)?;
    let uploads = &api.uploads;
    once.commit(&api, tenant.principal, |tx, _, now, _| {
        Box::pin(async move {
            let started = import_upload::import_upload(tx, uploads, upload, currency, now).await?;
            Ok::<_, Error>(Answer::accepted(Response::of(&started, upload)))
        })
    })
    .await
}
