//! A server that lets every site read, because one of them asked.

use axum::{
    extract::Request,
    http::{HeaderValue, header},
    middleware::{Next, from_fn},
    response::Response,
};
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "origins_echoed",
    what: "the origin that a request names is told that it may read the answer, with cookies",
    put_into: |build| Build { public: |router, _| router.layer(from_fn(echo)), ..build },
};

async fn echo(request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = next.run(request).await;
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    response
}
