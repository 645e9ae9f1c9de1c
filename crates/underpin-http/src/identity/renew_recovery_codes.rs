use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use underpin_base::Secret;
use utoipa::ToSchema;

use super::confirm_second_factor::Response;
use crate::{Api, Auth, Client, Json, Problem};

/// One's password, and a code of one's second factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SecondFactorProof)]
pub(crate) struct Request {
    #[schema(value_type = String, format = Password, max_length = 1024)]
    pub(super) password: Secret<String>,
    /// Of the authenticator, or a recovery code.
    #[schema(value_type = String, max_length = 40)]
    pub(super) code: Secret<String>,
}

/// Put new recovery codes in the place of the old ones.
#[utoipa::path(post, path = "/v1/second-factor/recovery-codes", operation_id = "renew_recovery_codes",
    tag = "second_factor", extensions(("x-idempotency" = json!("none: the answer holds a secret"))),
    request_body = Request, responses(
        (status = 201, body = Response),
        (status = 429, description = "rate_limited")))]
pub(crate) async fn renew_recovery_codes(
    State(api): State<Api>,
    Auth(session): Auth,
    client: Extension<Client>,
    headers: HeaderMap,
    Json(Request { password, code }): Json<Request>,
) -> Result<(StatusCode, Json<Response>), Problem> {
    let origin = super::origin(&client, &headers);
    let proof = (password, code.expose().as_str());
    let codes = api.identity.renew_recovery_codes(&session, proof, &origin).await?;
    Ok((StatusCode::CREATED, Json(Response::new(codes))))
}
