use std::collections::BTreeMap;

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use underpin_files::Announce;
use utoipa::ToSchema;

use super::shapes::{Upload, digest};
use crate::{Answer, Api, Json, Problem, Staff};

/// Longest media type.
const MEDIA_TYPE_MAX: usize = 127;

/// A file that is to be sent past the server.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateUpload)]
pub(crate) struct Request {
    /// As you call it; shown, never used as a path.
    #[schema(min_length = 1, max_length = 255)]
    filename: String,
    /// `application/octet-stream` if left out.
    #[schema(max_length = 127)]
    media_type: Option<String>,
    /// Its size.
    bytes: u64,
    /// The digest of its bytes, in hexadecimal.
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
}

/// The upload, and where to send the file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedUpload)]
pub(crate) struct Response {
    upload: Upload,
    put: Put,
}

/// A request to make to the store.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UploadPut)]
struct Put {
    /// Always `PUT`.
    #[schema(value_type = String)]
    method: &'static str,
    /// Where to; whoever has it may send the file.
    url: String,
    /// What must be sent along, exactly so.
    headers: BTreeMap<String, String>,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Announce a file and get a URL to send it to, past the server; then complete the upload.
#[utoipa::path(post, path = "/v1/t/{tenant}/uploads", operation_id = "create_upload", tag = "uploads",
    params(("tenant" = String, Path)),
    extensions(("x-idempotency" = json!("none: the answer holds a secret"))),
    request_body = Request, responses(
        (status = 201, body = Response),
        (status = 409, description = "direct_only, quota_exceeded"),
        (status = 429, description = "rate_limited")))]
pub(crate) async fn create_upload(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Json(request): Json<Request>,
) -> Result<Answer<Response>, Problem> {
    let path = format!("/v1/t/{}/uploads", tenant.info.slug);
    let announce = checked(request)?;
    let limits = &api.settings.upload_limits;
    let (upload, url) = api.uploads.announce(tenant.principal, announce, limits).await?;
    // The first moment at which it may be over.
    let expires_at = upload.created_at.saturating_add(api.uploads.bounds().url_lasts);
    let put = Put {
        method: "PUT",
        url: url.url,
        headers: url.headers.into_iter().collect(),
        expires_at: expires_at.unwrap_or(upload.created_at),
    };
    let location = format!("{path}/{}", upload.id);
    Ok(Answer::created(Response { upload: upload.into(), put }).location(location))
}

fn checked(request: Request) -> Result<Announce, Problem> {
    let Request { filename, media_type, bytes, sha256 } = request;
    let length = filename.chars().count();
    if !(1..=255).contains(&length) || filename.chars().any(char::is_control) {
        let rule = "1 to 255 characters, no control characters";
        return Err(Problem::field("filename", "out_of_range", rule));
    }
    if media_type.as_deref().is_some_and(|text| !is_media_type(text)) {
        return Err(Problem::field("media_type", "malformed", "such as text/csv"));
    }
    let Some(sha256) = digest(&sha256) else {
        return Err(Problem::field("sha256", "malformed", "64 hexadecimal digits"));
    };
    Ok(Announce { filename, media_type, bytes, sha256 })
}

fn is_media_type(text: &str) -> bool {
    let token = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        !part.is_empty() && part.bytes().all(plain)
    };
    text.len() <= MEDIA_TYPE_MAX
        && text.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype))
}
