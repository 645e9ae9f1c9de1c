use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
};

use super::renew_recovery_codes::Request;
use crate::{Api, Auth, Client, Json, Problem};

/// Turn one's second factor off.
#[utoipa::path(post, path = "/v1/second-factor/disable", operation_id = "disable_second_factor",
    tag = "second_factor", extensions(("x-idempotency" = json!("none: a code is taken once"))),
    request_body = Request, responses(
        (status = 204, description = "Turned off"),
        (status = 429, description = "rate_limited")))]
pub(crate) async fn disable_second_factor(
    State(api): State<Api>,
    Auth(session): Auth,
    client: Extension<Client>,
    headers: HeaderMap,
    Json(Request { password, code }): Json<Request>,
) -> Result<StatusCode, Problem> {
    let origin = super::origin(&client, &headers);
    let proof = (password, code.expose().as_str());
    api.identity.disable_second_factor(&session, proof, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
