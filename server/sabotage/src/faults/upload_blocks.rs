//! While a file arrives its process does nothing else.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use tokio::sync::RwLock;
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "upload_blocks",
    what: "a web process that takes a file answers nobody else until the file is there",
    put_into: |build| Build {
        public: |router, _| router.layer(from_fn_with_state(Turn::default(), one_at_a_time)),
        ..build
    },
};

/// Held by an import as long as its file arrives.
type Turn = Arc<RwLock<()>>;

async fn one_at_a_time(State(turn): State<Turn>, request: Request, next: Next) -> Response {
    if request.method() == Method::POST && request.uri().path().ends_with("/imports") {
        let _held = turn.write().await;
        return next.run(request).await;
    }
    drop(turn.read().await);
    next.run(request).await
}
