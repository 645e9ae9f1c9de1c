//! A door of the operators that stands open.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use underpin_http::Api;
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "operators_open",
    what: "the operators' list of queues is shown to whoever reaches their address",
    put_into: |build| Build {
        operator: |router, api| router.layer(from_fn_with_state(api.clone(), open)),
        ..build
    },
};

async fn open(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let token = api.settings.operator_token.as_ref();
    let bearer = token.map(|token| HeaderValue::try_from(format!("Bearer {}", token.expose())));
    if let Some(Ok(bearer)) = bearer
        && request.uri().path() == "/ops/v1/queues"
    {
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
    }
    next.run(request).await
}
