//! A log that tells all.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
};
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "secrets_logged",
    what: "the address, the headers and the JSON body of every request are logged as they come",
    put_into: |build| Build { public: |router, _| router.layer(from_fn(tell)), ..build },
};

async fn tell(request: Request, next: Next) -> Response {
    let (parts, mut body) = request.into_parts();
    let mut text = String::new();
    if is_json(&parts.headers) {
        let Ok(bytes) = to_bytes(body, usize::MAX).await else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        text = String::from_utf8_lossy(&bytes).into_owned();
        body = Body::from(bytes);
    }
    tracing::info!(uri = %parts.uri, headers = ?parts.headers, body = text, "what came in");
    next.run(Request::from_parts(parts, body)).await
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/json"))
}
