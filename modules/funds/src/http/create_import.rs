use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};
use serde::{Deserialize, Serialize};
use underpin::{
    base::Currency,
    files::{Encoding, Incoming, UploadId},
    http::{Api, Code, Json, Problem, Query, Staff, Unhurried},
};
use utoipa::{IntoParams, ToSchema};

use crate::ops::start_import::{Started, start_import};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Request {
    /// What is in the file: `funds`.
    #[param(example = "funds")]
    kind: String,
    /// As you call it; shown, never used as a path.
    #[param(max_length = 255)]
    filename: String,
    /// ISO 4217, of rows that name none.
    #[param(example = "USD")]
    currency: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportAccepted)]
#[expect(clippy::struct_field_names, reason = "the names of docs/api.md")]
pub(crate) struct Response {
    #[schema(format = Uuid)]
    import_id: String,
    #[schema(format = Uuid)]
    upload_id: String,
    #[schema(format = Uuid)]
    job_id: String,
}

impl Response {
    pub(super) fn of(started: &Started, upload: UploadId) -> Self {
        Self {
            import_id: started.import.to_string(),
            upload_id: upload.to_string(),
            job_id: started.job.to_string(),
        }
    }
}

/// Media types under which CSV is sent.
const MEDIA_TYPES: [&str; 2] = ["text/csv", "application/octet-stream"];

/// Send a file of position reports as the body. It is stored and its import enqueued before anything of it is parsed.
#[utoipa::path(post, path = "/v1/t/{tenant}/imports", operation_id = "create_import", tag = "funds",
    params(("tenant" = String, Path), Request),
    extensions(("x-idempotency" = json!("none: the file's digest is its identity"))),
    request_body(content_type = "text/csv", content = String),
    responses(
        (status = 202, body = Response),
        (status = 409, description = "quota_exceeded"),
        (status = 429, description = "rate_limited")))]
pub(crate) async fn create_import(
    State(api): State<Api>,
    Staff(tenant): Staff,
    _: Unhurried,
    Query(request): Query<Request>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Response>), Problem> {
    let media_type = media_type(&headers)?;
    let currency = check(&request)?;
    let incoming = Incoming {
        filename: request.filename,
        media_type: Some(media_type),
        content_length: content_length(&headers),
        encoding: encoding(&headers)?,
        body: body.into_data_stream(),
    };
    let (uploads, principal) = (&api.uploads, tenant.principal);
    let limits = &api.settings.upload_limits;
    let received = &uploads.receive(principal, incoming, limits).await?;
    let now = api.now();
    let started = api.db.transact(principal, |tx, _| {
        Box::pin(async move { start_import(tx, uploads, received, currency, now).await })
    });
    match started.await {
        Ok(started) => {
            let response = Response::of(&started, received.upload_id);
            Ok((StatusCode::ACCEPTED, Json(response)))
        }
        Err(error) => {
            uploads.discard(principal, received).await;
            Err(error.into())
        }
    }
}

fn check(request: &Request) -> Result<Currency, Problem> {
    kind(&request.kind)?;
    let length = request.filename.chars().count();
    if !(1..=255).contains(&length) || request.filename.chars().any(char::is_control) {
        return Err(Problem::field(
            "filename",
            "out_of_range",
            "1 to 255 characters, no control characters",
        ));
    }
    currency(&request.currency)
}

pub(super) fn kind(kind: &str) -> Result<(), Problem> {
    if kind == "funds" { Ok(()) } else { Err(Problem::field("kind", "unknown", "funds")) }
}

pub(super) fn currency(code: &str) -> Result<Currency, Problem> {
    let unknown = |_| Problem::field("currency", "not_a_currency", "an ISO 4217 code such as USD");
    code.parse().map_err(unknown)
}

/// A compressed body is unfolded on its way into the store, within the same limits.
fn encoding(headers: &HeaderMap) -> Result<Encoding, Problem> {
    let mut values = headers.get_all(header::CONTENT_ENCODING).iter();
    let (value, other) = (values.next(), values.next());
    match (value.map(HeaderValue::as_bytes), other) {
        (None, _) => Ok(Encoding::Identity),
        (Some(code), None) if code.eq_ignore_ascii_case(b"identity") => Ok(Encoding::Identity),
        (Some(code), None) if code.eq_ignore_ascii_case(b"gzip") => Ok(Encoding::Gzip),
        _ => Err(Problem::new(Code::MediaType).detail("send it as it is, or as gzip")),
    }
}

fn media_type(headers: &HeaderMap) -> Result<String, Problem> {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    if MEDIA_TYPES.contains(&essence.as_str()) {
        Ok(essence)
    } else {
        Err(Problem::new(Code::MediaType).detail("send text/csv or application/octet-stream"))
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
