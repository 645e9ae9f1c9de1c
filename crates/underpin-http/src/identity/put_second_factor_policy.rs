use axum::extract::State;

use super::get_second_factor_policy::Policy;
use crate::{Admin, Api, Json, Problem};

/// Say whether a tenant's staff must have shown a second factor; only an owner does, in a session that has.
#[utoipa::path(put, path = "/v1/t/{tenant}/second-factor-policy", operation_id = "put_second_factor_policy",
    tag = "tenant", params(("tenant" = String, Path)), request_body = Policy,
    responses((status = 200, body = Policy)))]
pub(crate) async fn put_second_factor_policy(
    State(api): State<Api>,
    Admin(tenant): Admin,
    Json(policy): Json<Policy>,
) -> Result<Json<Policy>, Problem> {
    let tenant = tenant.person()?;
    let identity = &api.identity;
    identity.require_second_factor(tenant.principal, &tenant.session, policy.required).await?;
    Ok(Json(policy))
}
