//! A job that is entered whatever becomes of its request.

use axum::{
    extract::Request,
    http::{StatusCode, Uri},
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
};
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "jobs_outside",
    what: "a request that is refused leaves the job that it had entered",
    put_into: |build| Build { public: |router, _| router.layer(from_fn(enter_anyway)), ..build },
};

async fn enter_anyway(mut request: Request, next: Next) -> Response {
    let uri = request.uri();
    if !uri.path().ends_with("/probe/jobs") || uri.query() != Some("refuse=true") {
        return next.run(request).await;
    }
    // The job's part of the transaction by itself, and then the refusal.
    let Ok(alone) = uri.path().parse::<Uri>() else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    *request.uri_mut() = alone;
    let entered = next.run(request).await;
    if entered.status().is_success() { StatusCode::CONFLICT.into_response() } else { entered }
}
