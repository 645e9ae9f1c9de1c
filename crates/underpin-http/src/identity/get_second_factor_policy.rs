use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Admin, Api, Json, Problem};

/// Whether a tenant's staff must have shown a second factor.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SecondFactorPolicy)]
pub(crate) struct Policy {
    pub(super) required: bool,
}

/// Whether a tenant's staff must have shown a second factor.
#[utoipa::path(get, path = "/v1/t/{tenant}/second-factor-policy", operation_id = "get_second_factor_policy",
    tag = "tenant", params(("tenant" = String, Path)), responses((status = 200, body = Policy)))]
pub(crate) async fn get_second_factor_policy(
    State(api): State<Api>,
    Admin(tenant): Admin,
) -> Result<Json<Policy>, Problem> {
    let required = api.identity.is_second_factor_required(tenant.principal).await?;
    Ok(Json(Policy { required }))
}
