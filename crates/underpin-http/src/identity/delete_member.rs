use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use underpin_base::UserId;

use crate::{Admin, Api, Path, Problem};

#[derive(Deserialize)]
pub(crate) struct At {
    user: UserId,
}

/// Take a member out of the tenant; only owners take out owners.
#[utoipa::path(delete, path = "/v1/t/{tenant}/members/{user}", operation_id = "delete_member",
    tag = "members",
    params(("tenant" = String, Path), ("user" = String, Path, format = Uuid)),
    responses(
        (status = 204, description = "Removed"),
        (status = 409, description = "last_owner")))]
pub(crate) async fn delete_member(
    State(api): State<Api>,
    Admin(tenant): Admin,
    Path(At { user }): Path<At>,
) -> Result<StatusCode, Problem> {
    api.identity.remove_member(tenant.principal, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
