//! A file is taken into memory whole before anybody looks at it.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{Method, StatusCode},
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
};
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "upload_buffered",
    what: "the body of an import is collected in memory, however large, before its handler is asked",
    put_into: |build| Build { routes: |routes, _| routes.layer(from_fn(collect)), ..build },
};

async fn collect(request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.uri().path().ends_with("/imports") {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
