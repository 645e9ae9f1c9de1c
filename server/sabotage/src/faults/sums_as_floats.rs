//! Sums that pass through a float on their way out.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "sums_as_floats",
    what: "the sums of a dashboard are rounded to what a float holds",
    put_into: |build| Build { routes: |routes, _| routes.layer(from_fn(round)), ..build },
};

async fn round(request: Request, next: Next) -> Response {
    let is_dashboard = request.uri().path().ends_with("/dashboard");
    let response = next.run(request).await;
    if !is_dashboard || !response.status().is_success() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Ok(mut dashboard) = serde_json::from_slice::<Value>(&bytes) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    for figure in ["committed", "called", "distributed", "value"] {
        let amount = &mut dashboard["positions"][figure]["amount"];
        let float = amount.as_str().and_then(|text| text.parse::<f64>().ok());
        if let Some(float) = float {
            *amount = format!("{float:.2}").into();
        }
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(dashboard.to_string()))
}
