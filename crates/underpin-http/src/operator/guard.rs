use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use subtle::ConstantTimeEq as _;

use crate::{Api, ApiSettings, Code, Problem};

/// The paths that it guards.
#[derive(Debug, Clone)]
pub(super) struct Guarded(pub(super) Arc<[&'static str]>);

/// Let in whoever presents the operator token.
pub(super) async fn guard(State(api): State<Api>, request: Request, next: Next) -> Response {
    let presented = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let presented = presented.and_then(|value| value.strip_prefix(b"Bearer "));
    if presented.is_some_and(|presented| is_operator(presented, &api.settings)) {
        next.run(request).await
    } else {
        Problem::new(Code::Unauthenticated).into_response()
    }
}

/// Whether this is the operator token; compared in constant time.
pub(crate) fn is_operator(presented: &[u8], settings: &ApiSettings) -> bool {
    let expected = settings.operator_token.as_ref().map(|token| token.expose().as_bytes());
    expected.is_some_and(|expected| bool::from(presented.ct_eq(expected)))
}
