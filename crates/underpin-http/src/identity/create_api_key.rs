use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use underpin_base::Role;
use underpin_identity::{ApiKeyId, CreateApiKey, Scopes};
use utoipa::ToSchema;

use crate::{Admin, Api, Json, Problem};

/// What a key acts as.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApiKeyRole)]
pub(super) enum KeyRole {
    Admin,
    Member,
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateApiKey)]
pub(crate) struct Request {
    /// What it is for.
    name: String,
    role: KeyRole,
    /// `<area>:read`, `<area>:write`; `GET …/api-scopes` lists them.
    scopes: Vec<String>,
    /// When it ends; never, if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// The key, with its token, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedApiKey)]
pub(crate) struct Response {
    #[schema(value_type = String, format = Uuid)]
    id: ApiKeyId,
    name: String,
    #[schema(value_type = KeyRole)]
    role: &'static str,
    scopes: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// For `Authorization: Bearer`.
    token: String,
}

/// Make an API key; only a person does.
#[utoipa::path(post, path = "/v1/t/{tenant}/api-keys", operation_id = "create_api_key", tag = "api_keys",
    params(("tenant" = String, Path)), extensions(("x-idempotency" = json!("none: the answer holds a secret"))),
    request_body = Request, responses(
        (status = 201, body = Response),
        (status = 409, description = "conflict: the tenant has a hundred keys")))]
pub(crate) async fn create_api_key(
    State(api): State<Api>,
    Admin(tenant): Admin,
    Json(request): Json<Request>,
) -> Result<(StatusCode, Json<Response>), Problem> {
    let tenant = tenant.person()?;
    let Request { name, role, scopes, expires_at } = request;
    let role = match role {
        KeyRole::Admin => Role::Admin,
        KeyRole::Member => Role::Member,
    };
    let scopes = Scopes::parse(&scopes, &api.settings.scope_areas())?;
    let input = CreateApiKey { name, role, scopes, expires_at };
    let key = api.identity.create_api_key(tenant.principal, input).await?;
    let response = Response {
        id: key.id,
        name: key.name,
        role: key.role.as_str(),
        scopes: key.scopes.names().to_vec(),
        created_at: key.created_at,
        expires_at: key.expires_at,
        token: key.token.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(response)))
}
