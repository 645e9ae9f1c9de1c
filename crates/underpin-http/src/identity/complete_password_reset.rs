use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use underpin_base::Secret;
use utoipa::ToSchema;

use crate::{Api, Client, Json, Problem};

/// The token of a mail's link, and the password to be set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CompletePasswordReset)]
pub(crate) struct Request {
    #[schema(value_type = String)]
    token: Secret<String>,
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 1024)]
    new: Secret<String>,
}

/// Set a password by the link of a mail; every session of the person ends. It opens none: sign in with the new password.
#[utoipa::path(post, path = "/v1/password-resets/complete", operation_id = "complete_password_reset",
    tag = "session", security(()), extensions(("x-idempotency" = json!("none: a link is used once"))),
    request_body = Request, responses(
        (status = 204, description = "Set"),
        (status = 404, description = "not_found")))]
pub(crate) async fn complete_password_reset(
    State(api): State<Api>,
    client: Extension<Client>,
    headers: HeaderMap,
    Json(Request { token, new }): Json<Request>,
) -> Result<StatusCode, Problem> {
    let origin = super::origin(&client, &headers);
    api.identity.complete_reset(token.expose(), new, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
