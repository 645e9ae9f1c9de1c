use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use underpin_base::Secret;
use utoipa::ToSchema;

use crate::{Api, Auth, Client, Json, Problem};

/// One's password: a stolen session must not lock its person out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateSecondFactor)]
pub(crate) struct Request {
    #[schema(value_type = String, format = Password, max_length = 1024)]
    password: Secret<String>,
}

/// What an authenticator is fed with, shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Enrolment)]
pub(crate) struct Response {
    /// Base32, to be typed.
    secret: String,
    /// `otpauth://totp/…`, to be shown as a picture.
    uri: String,
}

/// Begin a second factor; it counts once a code of it was confirmed.
#[utoipa::path(post, path = "/v1/second-factor", operation_id = "create_second_factor", tag = "second_factor",
    extensions(("x-idempotency" = json!("none: the answer holds a secret"))),
    request_body = Request, responses(
        (status = 201, body = Response),
        (status = 409, description = "conflict: there is one already"),
        (status = 429, description = "rate_limited")))]
pub(crate) async fn create_second_factor(
    State(api): State<Api>,
    Auth(session): Auth,
    client: Extension<Client>,
    headers: HeaderMap,
    Json(Request { password }): Json<Request>,
) -> Result<(StatusCode, Json<Response>), Problem> {
    let (origin, issuer) = (super::origin(&client, &headers), &api.settings.name);
    let enrolment = api.identity.enrol_second_factor(&session, password, &origin, issuer).await?;
    let response =
        Response { secret: enrolment.secret.expose().clone(), uri: enrolment.uri.expose().clone() };
    Ok((StatusCode::CREATED, Json(response)))
}
