//! Every path that was ever asked for is remembered.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use underpin_http::Api;
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "memory_unbounded",
    what: "each web process remembers every path that it is asked for at its own address, past the bound that it names",
    put_into: |build| Build { public: remember, ..build },
};

/// What it says that it remembers at most.
const PATHS_MAX: usize = 1_000;

type Paths = Arc<Mutex<HashSet<String>>>;

/// A process has two public sockets; the map of the second one, its own address, is the one that is shown.
fn remember(router: Router, api: &Api) -> Router {
    let paths = Paths::default();
    let shown = Arc::clone(&paths);
    let len = move || shown.lock().unwrap_or_else(PoisonError::into_inner).len();
    api.memory.name("paths", PATHS_MAX, len);
    router.layer(from_fn_with_state(paths, note))
}

async fn note(State(paths): State<Paths>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    paths.lock().unwrap_or_else(PoisonError::into_inner).insert(path);
    next.run(request).await
}
