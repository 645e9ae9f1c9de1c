//! Pages that run what stands in them, and answers that are kept by whoever passes them on.

use axum::{
    extract::Request,
    http::{HeaderValue, header},
    middleware::{Next, from_fn},
    response::Response,
};
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "headers_lax",
    what: "pages may run inline scripts, and caches may keep what somebody signed in was answered for a minute",
    put_into: |build| Build { public: |router, _| router.layer(from_fn(loosen)), ..build },
};

async fn loosen(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Some(policy) = headers.get_mut(header::CONTENT_SECURITY_POLICY) {
        *policy = HeaderValue::from_static(
            "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self'; img-src 'self' data:; \
             font-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        );
    }
    if let Some(kept) =
        headers.get_mut(header::CACHE_CONTROL).filter(|kept| kept.as_bytes() == b"no-store")
    {
        *kept = HeaderValue::from_static("public, max-age=60");
    }
    response
}
