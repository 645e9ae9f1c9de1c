//! Outermost: who asks, what became of it, and never a panic.

use std::{net::SocketAddr, panic::AssertUnwindSafe, sync::Arc};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use tokio::time::Instant;
use tracing::Instrument as _;
use underpin_db::watch::{Finding, Watch};
use underpin_runtime::telemetry::take_panic;

use super::{event::Event, told::Told};
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
    // Of the highest level: whatever the log's filter lets through says which request it belongs to.
    let span = tracing::error_span!(
        "request", %method, route, request_id, trace_id = trace.trace_id(), tenant = tracing::field::Empty
    );
    let told = Told::nothing(span.clone());
    request.extensions_mut().insert(told.clone());
    let watch = Watch::traced(trace);
    let work = Arc::clone(&watch).over(next.run(request));
    let work = AssertUnwindSafe(work).catch_unwind().instrument(span.clone());
    let mut panic = None;
    let mut response = work.await.unwrap_or_else(|_| {
        // The panic hook has logged it; its text stays here.
        panic = take_panic();
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
    let took = started.elapsed();
    let event =
        Event { api: &api, method: &method, route, trace, told: &told, watch: &watch, took, panic };
    let headers = response.headers_mut();
    for (name, value) in [
        (&REQUEST_ID, Some(request_id)),
        (&TRACEPARENT, Some(trace.to_string())),
        (&SERVER_TIMING, operator.then(|| event.timing())),
    ] {
        if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
            headers.insert(name.clone(), value);
        }
    }
    headers.insert(CONTENT_TYPE_OPTIONS.clone(), HeaderValue::from_static("nosniff"));
    let status = response.status();
    span.in_scope(|| event.note(&response, problem.as_ref()));
    if let Some(traced) = traced {
        let code = problem.as_ref().map(|problem| problem.code().as_str());
        api.telemetry.tracer.record(traced.end(&watch, took, status, code));
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
