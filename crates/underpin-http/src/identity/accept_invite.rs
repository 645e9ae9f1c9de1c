use axum::{Extension, extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use underpin_base::Secret;
use underpin_identity::AcceptInvite;
use utoipa::ToSchema;

use super::shapes::{Entered, entered};
use crate::{Api, Client, Json, Problem};

/// The token of an invite's link, and who takes it up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AcceptInvite)]
pub(crate) struct Request {
    #[schema(value_type = String)]
    token: Secret<String>,
    /// The name of a new account; one that exists keeps its own.
    #[serde(default)]
    name: String,
    /// The password of the account that exists, or the one chosen for a new one.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 1024)]
    password: Secret<String>,
}

/// Join a tenant and sign in; the token of the new session travels in a cookie. Where a second factor counts, the answer asks for it.
#[utoipa::path(post, path = "/v1/invites/accept", operation_id = "accept_invite", tag = "invites",
    security(()), extensions(("x-idempotency" = json!("none: the answer holds a secret"))),
    request_body = Request, responses(
        (status = 201, body = Entered),
        (status = 401, description = "wrong_credentials"),
        (status = 404, description = "not_found"),
        (status = 409, description = "conflict"),
        (status = 429, description = "rate_limited")))]
pub(crate) async fn accept_invite(
    State(api): State<Api>,
    client: Extension<Client>,
    headers: HeaderMap,
    Json(Request { token, name, password }): Json<Request>,
) -> Result<Response, Problem> {
    let former = super::former(&headers, &api.settings);
    let origin = super::origin(&client, &headers);
    let input = AcceptInvite { token, name, password, origin, former };
    Ok(entered(api.identity.accept_invite(input).await?, &api.settings))
}
