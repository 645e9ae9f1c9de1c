//! Outermost: who asks, what became of it, and never a panic.

use std::{net::SocketAddr, panic::AssertUnwindSafe, sync::Arc};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use tokio::time::Instant;
use tracing::Instrument as _;
use underpin_db::watch::Watch;

use crate::{Api, Client, Code, Problem};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static CONTENT_TYPE_OPTIONS: HeaderName = HeaderName::from_static("x-content-type-options");

/// Judge the client, open the span, catch a panic, finish a problem, watch the statements, count and log the outcome.
///
/// The span has the route's template, never the path or query: those may carry names and secrets.
pub(super) async fn observe(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let client = Client::of(peer, request.headers(), &api.settings.trusted_proxies);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let request_id = client.request_id.clone();
    request.extensions_mut().insert(client);
    let span = tracing::info_span!("request", %method, route, request_id);
    let watch = Watch::new();
    let work = Arc::clone(&watch).over(next.run(request));
    let work = AssertUnwindSafe(work).catch_unwind().instrument(span.clone());
    let mut response = work.await.unwrap_or_else(|_| {
        // The panic hook has logged it; its text stays here.
        Problem::new(Code::Internal).into_response()
    });
    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(problem) = &problem {
        *response.body_mut() = problem.body(Some(&request_id));
        response.headers_mut().remove("content-length");
    }
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    let nosniff = HeaderValue::from_static("nosniff");
    response.headers_mut().insert(CONTENT_TYPE_OPTIONS.clone(), nosniff);
    let took = started.elapsed();
    api.shared.metrics.count(&method, route, response.status(), took);
    span.in_scope(|| {
        log(&method, &response, problem.as_ref(), &Cost { ms: took.as_millis(), watch: &watch });
    });
    response
}

/// What a request took.
struct Cost<'w> {
    ms: u128,
    watch: &'w Watch,
}

fn log(method: &Method, response: &Response, problem: Option<&Problem>, cost: &Cost<'_>) {
    let ms = cost.ms;
    let (statements, in_database) = cost.watch.totals();
    let db_ms = in_database.as_millis();
    for finding in cost.watch.findings() {
        let site = finding.site.map(ToString::to_string);
        let (statement, runs) = (finding.statement, finding.runs);
        tracing::warn!(suspicion = ?finding.suspicion, statement, site, runs, "a request repeats a statement");
    }
    let status = response.status().as_u16();
    let code = problem.map(|problem| problem.code().as_str());
    let cause = problem.and_then(Problem::cause);
    if response.status().is_server_error() {
        tracing::error!(status, ms, statements, db_ms, code, cause, "request failed");
    } else if method.is_safe() {
        tracing::debug!(status, ms, statements, db_ms, code, cause, "request");
    } else {
        tracing::info!(status, ms, statements, db_ms, code, cause, "request");
    }
}
