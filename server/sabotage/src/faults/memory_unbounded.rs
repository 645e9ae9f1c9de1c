//! Every path that was ever asked for is remembered.

use std::{
    collections::HashSet,
    sync::{LazyLock, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::Response,
};
use underpin_http::Api;
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "memory_unbounded",
    what: "each web process remembers every path it was asked for, past the bound that it names",
    put_into: |build| Build { public: remember, ..build },
};

/// What it says that it remembers at most.
const PATHS_MAX: usize = 1_000;

/// One map for all sockets of the process.
static PATHS: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

fn remember(router: Router, api: &Api) -> Router {
    let len = || PATHS.lock().unwrap_or_else(PoisonError::into_inner).len();
    api.memory.name("paths", PATHS_MAX, len);
    router.layer(from_fn(async |request: Request, next: Next| -> Response {
        let path = request.uri().path().to_owned();
        PATHS.lock().unwrap_or_else(PoisonError::into_inner).insert(path);
        next.run(request).await
    }))
}
