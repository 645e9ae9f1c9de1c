use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use subtle::ConstantTimeEq as _;

use crate::{Api, Code, Problem};

/// Let in whoever presents the operator token; compared in constant time.
pub(super) async fn guard(State(api): State<Api>, request: Request, next: Next) -> Response {
    let presented = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let presented = presented.and_then(|value| value.strip_prefix(b"Bearer "));
    let expected = api.settings.operator_token.as_ref().map(|token| token.expose().as_bytes());
    match (presented, expected) {
        (Some(presented), Some(expected)) if bool::from(presented.ct_eq(expected)) => {
            next.run(request).await
        }
        _ => Problem::new(Code::Unauthenticated).into_response(),
    }
}
