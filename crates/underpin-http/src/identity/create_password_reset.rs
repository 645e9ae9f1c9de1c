use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{Api, Client, Json, Problem};

/// Whose password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreatePasswordReset)]
pub(crate) struct Request {
    email: String,
}

/// Ask for a mail with which a password can be set anew. The answer is the same whether there is such an account or not.
#[utoipa::path(post, path = "/v1/password-resets", operation_id = "create_password_reset", tag = "session",
    security(()), extensions(("x-idempotency" = json!("none: sent again it is another mail, and the tries are counted"))),
    request_body = Request, responses(
        (status = 202, description = "If there is such an account, a mail is on its way"),
        (status = 429, description = "rate_limited")))]
pub(crate) async fn create_password_reset(
    State(api): State<Api>,
    client: Extension<Client>,
    headers: HeaderMap,
    Json(Request { email }): Json<Request>,
) -> Result<StatusCode, Problem> {
    let origin = super::origin(&client, &headers);
    api.identity.request_reset(&email, &origin).await?;
    Ok(StatusCode::ACCEPTED)
}
