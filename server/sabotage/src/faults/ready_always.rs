//! Ready, whatever is missing.

use axum::{
    extract::Request,
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
};
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "ready_always",
    what: "a web process says that it is ready without asking its database",
    put_into: |build| Build { public: |router, _| router.layer(from_fn(pretend)), ..build },
};

async fn pretend(request: Request, next: Next) -> Response {
    if request.uri().path() == "/readyz" {
        return "ready".into_response();
    }
    next.run(request).await
}
