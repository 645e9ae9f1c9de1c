//! Figures for everybody.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
};
use tower::ServiceExt as _;
use underpin_http::operator_router;
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "metrics_public",
    what: "the public address shows the figures of /metrics to whoever asks",
    put_into: |build| Build {
        public: |router, api| {
            let token = api.settings.operator_token.as_ref().map(|token| token.expose().clone());
            let operators = Operators { router: operator_router(api.clone()), token };
            router.layer(from_fn_with_state(operators, show))
        },
        ..build
    },
};

/// The operators' router, and the word that opens it.
#[derive(Clone)]
struct Operators {
    router: Router,
    token: Option<String>,
}

async fn show(State(operators): State<Operators>, mut request: Request, next: Next) -> Response {
    if request.uri().path() != "/metrics" {
        return next.run(request).await;
    }
    let token = operators.token.unwrap_or_default();
    if let Ok(token) = HeaderValue::try_from(format!("Bearer {token}")) {
        request.headers_mut().insert(header::AUTHORIZATION, token);
    }
    operators.router.oneshot(request).await.into_response()
}
