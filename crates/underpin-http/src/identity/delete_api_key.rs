use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use underpin_identity::ApiKeyId;

use crate::{Admin, Api, Path, Problem};

#[derive(Deserialize)]
pub(crate) struct At {
    key: ApiKeyId,
}

/// Revoke an API key; what it holds open ends within a second.
#[utoipa::path(delete, path = "/v1/t/{tenant}/api-keys/{key}", operation_id = "delete_api_key",
    tag = "api_keys",
    params(("tenant" = String, Path), ("key" = String, Path, format = Uuid)),
    responses((status = 204, description = "Revoked")))]
pub(crate) async fn delete_api_key(
    State(api): State<Api>,
    Admin(tenant): Admin,
    Path(At { key }): Path<At>,
) -> Result<StatusCode, Problem> {
    let tenant = tenant.person()?;
    api.identity.revoke_api_key(tenant.principal, key).await?;
    Ok(StatusCode::NO_CONTENT)
}
