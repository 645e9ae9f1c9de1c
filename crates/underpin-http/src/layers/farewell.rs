//! What a process that drains says with each answer.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};

use crate::Api;

/// Close each kept connection with its next answer, so that none is idle when the sockets close: a request that is sent on an idle
/// connection at that moment would be lost.
pub(super) async fn farewell(State(api): State<Api>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if api.health.is_draining() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
