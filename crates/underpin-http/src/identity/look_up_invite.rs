use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::shapes::RoleName;
use crate::{Api, Json, Problem};

/// The token of an invite's link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LookUpInvite)]
pub(crate) struct Request {
    token: String,
}

/// What an invite says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InviteView)]
pub(crate) struct Response {
    tenant: InvitingTenant,
    email: String,
    #[schema(value_type = RoleName)]
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Whether the person has an account, and gives its password rather than choosing one.
    known: bool,
}

/// Who invites.
#[derive(Debug, Serialize, ToSchema)]
struct InvitingTenant {
    slug: String,
    name: String,
}

/// What an invite says, for whoever holds its link.
#[utoipa::path(post, path = "/v1/invites/lookup", operation_id = "look_up_invite", tag = "invites",
    security(()), extensions(("x-idempotency" = json!("none: nothing is changed"))),
    request_body = Request, responses(
        (status = 200, body = Response),
        (status = 404, description = "not_found")))]
pub(crate) async fn look_up_invite(
    State(api): State<Api>,
    Json(Request { token }): Json<Request>,
) -> Result<Json<Response>, Problem> {
    let invite = api.identity.look_up_invite(&token).await?;
    Ok(Json(Response {
        tenant: InvitingTenant { slug: invite.tenant_slug, name: invite.tenant_name },
        email: invite.email,
        role: invite.role.as_str(),
        expires_at: invite.expires_at,
        known: invite.known,
    }))
}
