use axum::{Extension, extract::State, http::HeaderMap};
use serde::{Deserialize, Serialize};
use underpin_base::Secret;
use utoipa::ToSchema;

use crate::{Api, Auth, Client, Json, Problem};

/// A code of one's authenticator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmSecondFactor)]
pub(crate) struct Request {
    #[schema(value_type = String, min_length = 6, max_length = 6)]
    code: Secret<String>,
}

/// Codes for when the authenticator is gone, shown this once; each works once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecoveryCodes)]
pub(crate) struct Response {
    recovery_codes: Vec<String>,
}

impl Response {
    pub(super) fn new(codes: Vec<Secret<String>>) -> Self {
        Self { recovery_codes: codes.into_iter().map(|code| code.expose().clone()).collect() }
    }
}

/// Let one's second factor count; every other session ends.
#[utoipa::path(post, path = "/v1/second-factor/confirm", operation_id = "confirm_second_factor",
    tag = "second_factor", extensions(("x-idempotency" = json!("none: the answer holds a secret"))),
    request_body = Request, responses(
        (status = 200, body = Response),
        (status = 404, description = "not_found: none was begun"),
        (status = 409, description = "conflict: another was begun meanwhile"),
        (status = 429, description = "rate_limited")))]
pub(crate) async fn confirm_second_factor(
    State(api): State<Api>,
    Auth(session): Auth,
    client: Extension<Client>,
    headers: HeaderMap,
    Json(Request { code }): Json<Request>,
) -> Result<Json<Response>, Problem> {
    let origin = super::origin(&client, &headers);
    let codes = api.identity.confirm_second_factor(&session, code.expose(), &origin).await?;
    Ok(Json(Response::new(codes)))
}
