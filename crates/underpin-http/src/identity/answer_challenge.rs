use axum::{Extension, extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use underpin_base::Secret;
use underpin_identity::AnswerChallenge;
use utoipa::ToSchema;

use super::shapes::{SessionBody, signed_in};
use crate::{Api, Client, Json, Problem};

/// What a sign-in answered, and a code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AnswerChallenge)]
pub(crate) struct Request {
    #[schema(value_type = String)]
    challenge: Secret<String>,
    /// Of the authenticator, or a recovery code.
    #[schema(value_type = String, max_length = 40)]
    code: Secret<String>,
}

/// Finish a sign-in with a second factor; the token travels as the sign-in asked.
#[utoipa::path(post, path = "/v1/session/second-factor", operation_id = "answer_challenge", tag = "session",
    security(()), extensions(("x-idempotency" = json!("none: the answer holds a secret"))),
    request_body = Request, responses(
        (status = 201, body = SessionBody),
        (status = 401, description = "wrong_code, unauthenticated"),
        (status = 429, description = "rate_limited")))]
pub(crate) async fn answer_challenge(
    State(api): State<Api>,
    client: Extension<Client>,
    headers: HeaderMap,
    Json(Request { challenge, code }): Json<Request>,
) -> Result<Response, Problem> {
    let former = super::former(&headers, &api.settings);
    let origin = super::origin(&client, &headers);
    let input = AnswerChallenge { token: challenge, code, origin, former };
    Ok(signed_in(api.identity.answer_challenge(input).await?, &api.settings))
}
