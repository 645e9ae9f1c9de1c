//! A trace that begins anew at every door.

use axum::{extract::Request, middleware::map_request};
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "traceparent_dropped",
    what: "what a caller says of its trace is thrown away before anybody reads it",
    put_into: |build| Build { public: |router, _| router.layer(map_request(forget)), ..build },
};

async fn forget(mut request: Request) -> Request {
    request.headers_mut().remove("traceparent");
    request
}
