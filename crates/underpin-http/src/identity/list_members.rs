use axum::extract::State;

use super::shapes::MemberBody;
use crate::{Api, Json, PageBody, PageParams, Problem, Staff};

/// The members of a tenant, by mail.
#[utoipa::path(get, path = "/v1/t/{tenant}/members", operation_id = "list_members", tag = "members",
    params(("tenant" = String, Path), PageParams),
    responses((status = 200, body = PageBody<MemberBody>)))]
pub(crate) async fn list_members(
    State(api): State<Api>,
    Staff(tenant): Staff,
    PageParams(page): PageParams,
) -> Result<Json<PageBody<MemberBody>>, Problem> {
    let list = format!("{} members email", tenant.principal.tenant);
    let members = api.identity.members(tenant.principal, &page, &list).await?;
    Ok(Json(members.into()))
}
