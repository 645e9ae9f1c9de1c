//! A request that waits for its line in the log.

use std::{fs::File, io::Write as _};

use axum::{
    extract::Request,
    http::StatusCode,
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
};
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "log_awaited",
    what: "a request is answered once its line is in the log file, and fails if it cannot be written",
    put_into: |build| Build { public: |router, _| router.layer(from_fn(write_first)), ..build },
};

async fn write_first(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let Some(path) = std::env::var_os("UNDERPIN_LOG_FILE") else { return response };
    let log = File::options().append(true).create(true).open(path);
    match log.and_then(|mut log| writeln!(log, "{}", response.status())) {
        Ok(()) => response,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
