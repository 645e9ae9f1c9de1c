//! Outermost: who asks, what became of it, and never a panic.

use std::{net::SocketAddr, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use tokio::time::Instant;
use tracing::Instrument as _;
use underpin_db::watch::{Finding, Watch};

use crate::{Api, Client, Code, Problem, Repeats, operator::is_operator, traced::Traced};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
static SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
static CONTENT_TYPE_OPTIONS: HeaderName = HeaderName::from_static("x-content-type-options");

/// Judge the client, open the span, catch a panic, finish a problem, watch the statements, count and log the outcome.
///
/// The span has the route's template, never the path or query: those may carry names and secrets.
pub(super) async fn observe(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let operator = takes_operator_token(request.headers_mut(), &api);
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let client = Client::of(peer, request.headers(), &api.settings.trusted_proxies);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let traced = Traced::begin(&client, &method, route);
    let (request_id, trace) = (client.request_id.clone(), client.trace);
    request.extensions_mut().insert(client);
    let span =
        tracing::info_span!("request", %method, route, request_id, trace_id = trace.trace_id());
    let watch = Watch::traced(trace);
    let work = Arc::clone(&watch).over(next.run(request));
    let work = AssertUnwindSafe(work).catch_unwind().instrument(span.clone());
    let mut response = work.await.unwrap_or_else(|_| {
        // The panic hook has logged it; its text stays here.
        Problem::new(Code::Internal).into_response()
    });
    let undeclared =
        span.in_scope(|| api.db.findings().note(&watch, || format!("{method} {route}")));
    if api.settings.repeats == Repeats::Refuse && !undeclared.is_empty() {
        response = refusal(&undeclared);
    }
    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(problem) = &problem {
        *response.body_mut() = problem.body(Some(&request_id));
        response.headers_mut().remove("content-length");
    }
    let cost = Cost { took: started.elapsed(), watch: &watch };
    let headers = response.headers_mut();
    for (name, value) in [
        (&REQUEST_ID, Some(request_id)),
        (&TRACEPARENT, Some(trace.to_string())),
        (&SERVER_TIMING, operator.then(|| cost.timing())),
    ] {
        if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
            headers.insert(name.clone(), value);
        }
    }
    headers.insert(CONTENT_TYPE_OPTIONS.clone(), HeaderValue::from_static("nosniff"));
    api.shared.metrics.count(&method, route, response.status(), cost.took);
    span.in_scope(|| cost.log(&method, &response, problem.as_ref()));
    if let Some(traced) = traced {
        let code = problem.as_ref().map(|problem| problem.code().as_str());
        api.telemetry.tracer.record(traced.end(&watch, cost.took, response.status(), code));
    }
    response
}

/// Whether the request comes from an operator. The token goes no further: nothing behind this can log or repeat it.
fn takes_operator_token(headers: &mut HeaderMap, api: &Api) -> bool {
    headers
        .remove("x-operator-token")
        .is_some_and(|token| is_operator(token.as_bytes(), &api.settings))
}

/// The answer that makes a test fail and says why.
fn refusal(undeclared: &[Finding]) -> Response {
    let list: Vec<_> = undeclared.iter().map(Finding::to_string).collect();
    let detail = format!("repeated without allow_fanout: {}", list.join("; "));
    Problem::new(Code::Internal).detail(detail).into_response()
}

/// What a request took.
struct Cost<'w> {
    took: Duration,
    watch: &'w Watch,
}

impl Cost<'_> {
    /// As `Server-Timing` says it.
    fn timing(&self) -> String {
        let ms = |took: Duration| took.as_secs_f64() * 1_000.0;
        let (statements, in_database) = self.watch.totals();
        let (total, db) = (ms(self.took), ms(in_database));
        format!("total;dur={total:.1}, db;dur={db:.1}, statements;desc=\"{statements}\"")
    }

    fn log(&self, method: &Method, response: &Response, problem: Option<&Problem>) {
        let ms = self.took.as_millis();
        let (statements, in_database) = self.watch.totals();
        let db_ms = in_database.as_millis();
        let repeats = self.watch.declared();
        let status = response.status().as_u16();
        let code = problem.map(|problem| problem.code().as_str());
        let cause = problem.and_then(Problem::cause);
        if response.status().is_server_error() {
            tracing::error!(status, ms, statements, db_ms, repeats, code, cause, "request failed");
        } else if method.is_safe() {
            tracing::debug!(status, ms, statements, db_ms, repeats, code, cause, "request");
        } else {
            tracing::info!(status, ms, statements, db_ms, repeats, code, cause, "request");
        }
    }
}
