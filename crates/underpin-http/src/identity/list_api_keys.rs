use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use underpin_identity::{ApiKey, ApiKeyId};
use utoipa::ToSchema;

use super::{create_api_key::KeyRole, shapes::UserBody};
use crate::{Admin, Api, Json, PageBody, PageParams, Problem};

/// An API key that is not revoked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct Item {
    #[schema(value_type = String, format = Uuid)]
    id: ApiKeyId,
    name: String,
    #[schema(value_type = KeyRole)]
    role: &'static str,
    scopes: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    created_by: UserBody,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// To the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl From<ApiKey> for Item {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            role: key.role.as_str(),
            scopes: key.scopes.names().to_vec(),
            created_at: key.created_at,
            created_by: key.created_by.into(),
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// The API keys of a tenant that are not revoked, newest first.
#[utoipa::path(get, path = "/v1/t/{tenant}/api-keys", operation_id = "list_api_keys", tag = "api_keys",
    params(("tenant" = String, Path), PageParams),
    responses((status = 200, body = PageBody<Item>)))]
pub(crate) async fn list_api_keys(
    State(api): State<Api>,
    Admin(tenant): Admin,
    PageParams(page): PageParams,
) -> Result<Json<PageBody<Item>>, Problem> {
    let list = format!("{} api keys newest", tenant.principal.tenant);
    let keys = api.identity.api_keys(tenant.principal, &page, &list).await?;
    Ok(Json(keys.into()))
}
