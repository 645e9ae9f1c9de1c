use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use underpin_identity::{Invite, InviteId};
use utoipa::ToSchema;

use super::shapes::{RoleName, UserBody};
use crate::{Admin, Api, Json, PageBody, PageParams, Problem};

/// An open invite.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invite)]
pub(crate) struct Item {
    #[schema(value_type = String, format = Uuid)]
    id: InviteId,
    email: String,
    #[schema(value_type = RoleName)]
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    invited_by: UserBody,
}

impl From<Invite> for Item {
    fn from(invite: Invite) -> Self {
        Self {
            id: invite.id,
            email: invite.email,
            role: invite.role.as_str(),
            created_at: invite.created_at,
            expires_at: invite.expires_at,
            invited_by: invite.invited_by.into(),
        }
    }
}

/// The open invites of a tenant, newest first.
#[utoipa::path(get, path = "/v1/t/{tenant}/invites", operation_id = "list_invites", tag = "invites",
    params(("tenant" = String, Path), PageParams),
    responses((status = 200, body = PageBody<Item>)))]
pub(crate) async fn list_invites(
    State(api): State<Api>,
    Admin(tenant): Admin,
    PageParams(page): PageParams,
) -> Result<Json<PageBody<Item>>, Problem> {
    let list = format!("{} invites newest", tenant.principal.tenant);
    let invites = api.identity.invites(tenant.principal, &page, &list).await?;
    Ok(Json(invites.into()))
}
