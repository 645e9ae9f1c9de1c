use axum::{Extension, extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use underpin_base::Secret;
use underpin_identity::{SessionKind, SignIn};
use utoipa::ToSchema;

use super::shapes::{Entered, entered};
use crate::{Api, Client, Json, Problem};

/// Who signs in, and how the token travels.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignIn)]
pub(crate) struct Request {
    email: String,
    #[schema(value_type = String, format = Password, max_length = 1024)]
    password: Secret<String>,
    #[serde(default)]
    delivery: Delivery,
}

/// How a session's token travels.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Delivery)]
enum Delivery {
    /// In a cookie: browsers.
    #[default]
    Cookie,
    /// In the answer, once: programs and phones.
    Token,
}

/// Sign in. A session that the same browser had ends. Where a second factor counts, the answer asks for it and is no session.
#[utoipa::path(post, path = "/v1/session", operation_id = "create_session", tag = "session",
    security(()), extensions(("x-idempotency" = json!("none: the answer holds a secret"))),
    request_body = Request, responses(
        (status = 201, body = Entered),
        (status = 401, description = "wrong_credentials"),
        (status = 429, description = "rate_limited")))]
pub(crate) async fn create_session(
    State(api): State<Api>,
    client: Extension<Client>,
    headers: HeaderMap,
    Json(request): Json<Request>,
) -> Result<Response, Problem> {
    let Request { email, password, delivery } = request;
    let kind = match delivery {
        Delivery::Cookie => SessionKind::Cookie,
        Delivery::Token => SessionKind::Token,
    };
    let former = super::former(&headers, &api.settings);
    let origin = super::origin(&client, &headers);
    let input = SignIn { email, password, kind, origin, former };
    Ok(entered(api.identity.sign_in(input).await?, &api.settings))
}
