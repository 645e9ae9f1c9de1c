use axum::extract::State;
use serde::Deserialize;
use underpin_base::UserId;
use utoipa::ToSchema;

use super::shapes::{MemberBody, RoleName};
use crate::{Admin, Api, Json, Path, Problem};

/// What to change of a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateMember)]
pub(crate) struct Request {
    role: RoleName,
}

#[derive(Deserialize)]
pub(crate) struct At {
    user: UserId,
}

/// Give a member another role; only owners make and unmake owners.
#[utoipa::path(patch, path = "/v1/t/{tenant}/members/{user}", operation_id = "update_member",
    tag = "members",
    params(("tenant" = String, Path), ("user" = String, Path, format = Uuid)),
    request_body = Request, responses(
        (status = 200, body = MemberBody),
        (status = 409, description = "last_owner")))]
pub(crate) async fn update_member(
    State(api): State<Api>,
    Admin(tenant): Admin,
    Path(At { user }): Path<At>,
    Json(Request { role }): Json<Request>,
) -> Result<Json<MemberBody>, Problem> {
    let member = api.identity.set_role(tenant.principal, user, role.into()).await?;
    Ok(Json(member.into()))
}
