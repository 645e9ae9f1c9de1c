use std::time::Duration;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use underpin_files::{Upload, UploadState, attachment};

use super::shapes::At;
use crate::{Api, Code, Path, Problem, Staff};

/// How long the URL of a download is good.
const URL_LASTS: Duration = Duration::from_mins(10);

/// The file, as an attachment: from where it lies, or by a URL of the store that is good for ten minutes.
#[utoipa::path(get, path = "/v1/t/{tenant}/uploads/{upload}/content", operation_id = "get_upload_content", tag = "uploads",
    params(("tenant" = String, Path), ("upload" = String, Path, format = Uuid)),
    responses(
        (status = 200, content_type = "application/octet-stream", body = String),
        (status = 302, description = "a URL of the store"),
        (status = 409, description = "conflict")))]
pub(crate) async fn get_upload_content(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { upload }): Path<At>,
) -> Result<Response, Problem> {
    let upload = api.uploads.find(tenant.principal, upload).await?;
    if upload.state != UploadState::Stored {
        return Err(Problem::new(Code::Conflict).detail("the file is not stored"));
    }
    let files = api.uploads.files();
    if files.is_local() {
        let body = Body::from_stream(files.stream(&upload.key).await?);
        return Ok(whole(&upload, body));
    }
    let url = files.presign_get(&upload.key, &upload.filename, URL_LASTS).await?;
    let url = HeaderValue::try_from(url)
        .map_err(|error| Problem::new(Code::Internal).caused_by(error))?;
    let fixed = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::FOUND, fixed, [(header::LOCATION, url)]).into_response())
}

/// What somebody sent is never shown as a page of ours.
fn whole(upload: &Upload, body: Body) -> Response {
    let name = HeaderValue::try_from(attachment(&upload.filename));
    let name = name.unwrap_or(HeaderValue::from_static("attachment"));
    let fixed = |name: HeaderName, value| (name, HeaderValue::from_static(value));
    let headers = [
        fixed(header::CONTENT_TYPE, "application/octet-stream"),
        fixed(header::CACHE_CONTROL, "no-store"),
        fixed(header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::CONTENT_DISPOSITION, name),
        (header::CONTENT_LENGTH, HeaderValue::from(upload.bytes)),
    ];
    (headers, body).into_response()
}
