//! What balancers and supervisors ask. None of it is authenticated, none says more than it must.

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde::Serialize;

use crate::{Api, Json};

/// The health routes, for every listener.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/startupz", get(startupz))
        .route("/health", get(health))
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: String,
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Check {
    name: &'static str,
    status: &'static str,
    detail: &'static str,
}

/// The process runs its loop; asks nobody.
async fn livez() -> &'static str {
    "ok"
}

/// May take traffic.
async fn readyz(State(api): State<Api>) -> Response {
    let ready = !api.health.is_draining() && api.shared.probe.database(&api).await;
    answer(ready, if ready { "ready" } else { "not ready" })
}

/// Settings are read and migrations applied.
async fn startupz(State(api): State<Api>) -> Response {
    let started = api.health.is_started();
    answer(started, if started { "started" } else { "starting" })
}

async fn health(State(api): State<Api>) -> Response {
    let database = api.shared.probe.database(&api).await;
    let draining = api.health.is_draining();
    let places = api.shared.in_flight.available_permits() > 0;
    let check = |name, well, fine, ill| Check {
        name,
        status: if well { "ok" } else { "down" },
        detail: if well { fine } else { ill },
    };
    let checks = vec![
        check("database", database, "answers", "does not answer within a second"),
        check("drain", !draining, "takes requests", "takes no new requests"),
        check("capacity", places, "has places", "every place is taken"),
    ];
    let status = match (database && !draining, places) {
        (true, true) => "ok",
        (true, false) => "degraded",
        (false, _) => "down",
    };
    let code = if status == "down" { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let version = api.settings.version.clone();
    (code, Json(Health { status, version, checks })).into_response()
}

fn answer(well: bool, text: &'static str) -> Response {
    let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, text).into_response()
}
