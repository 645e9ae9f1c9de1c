use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use underpin_identity::InviteId;

use crate::{Admin, Api, Path, Problem};

#[derive(Deserialize)]
pub(crate) struct At {
    invite: InviteId,
}

/// Revoke an open invite.
#[utoipa::path(delete, path = "/v1/t/{tenant}/invites/{invite}", operation_id = "delete_invite",
    tag = "invites",
    params(("tenant" = String, Path), ("invite" = String, Path, format = Uuid)),
    responses((status = 204, description = "Revoked")))]
pub(crate) async fn delete_invite(
    State(api): State<Api>,
    Admin(tenant): Admin,
    Path(At { invite }): Path<At>,
) -> Result<StatusCode, Problem> {
    api.identity.revoke_invite(tenant.principal, invite).await?;
    Ok(StatusCode::NO_CONTENT)
}
