//! A key is demanded and then not looked at.

use axum::{
    extract::Request,
    http::HeaderValue,
    middleware::{Next, from_fn},
    response::Response,
};
use underpin_server::Build;
use uuid::Uuid;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "keys_ignored",
    what: "each request gets an Idempotency-Key of its own, whatever key it came with",
    put_into: |build| Build { public: |router, _| router.layer(from_fn(another_key)), ..build },
};

async fn another_key(mut request: Request, next: Next) -> Response {
    if let Some(key) = request.headers_mut().get_mut("idempotency-key")
        && let Ok(fresh) = HeaderValue::from_str(&Uuid::new_v4().to_string())
    {
        *key = fresh;
    }
    next.run(request).await
}
