use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use underpin_identity::{CreateInvite, InviteId};
use utoipa::ToSchema;
use uuid::Uuid;

use super::shapes::RoleName;
use crate::{Admin, Api, ApiSettings, Json, Problem};

/// Whom to invite, and as what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateInvite)]
pub(crate) struct Request {
    email: String,
    role: RoleName,
    /// For the role `investor`: whose rows they will see.
    investor: Option<Uuid>,
}

/// The invite with its link, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedInvite)]
pub(crate) struct Response {
    #[schema(value_type = String, format = Uuid)]
    id: InviteId,
    email: String,
    #[schema(value_type = RoleName)]
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// To be sent to the person; the token stands behind `#`, where no server logs it.
    link: String,
    /// Whether a mail with the link is on its way to them.
    mailed: bool,
}

/// Invite a person; an open invite of the same mail ends.
#[utoipa::path(post, path = "/v1/t/{tenant}/invites", operation_id = "create_invite", tag = "invites",
    params(("tenant" = String, Path)),
    extensions(("x-idempotency" = json!("none: the answer holds a secret"))),
    request_body = Request, responses(
        (status = 201, body = Response),
        (status = 409, description = "already_member")))]
pub(crate) async fn create_invite(
    State(api): State<Api>,
    Admin(tenant): Admin,
    headers: HeaderMap,
    Json(request): Json<Request>,
) -> Result<(StatusCode, Json<Response>), Problem> {
    let Request { email, role, investor } = request;
    let language = super::language(&headers);
    let input = CreateInvite { email, role: role.into(), investor, language };
    let invite = api.identity.create_invite(tenant.principal, input).await?;
    let link = format!("{}/invite#{}", root(&headers, &api.settings), invite.token.expose());
    let response = Response {
        id: invite.id,
        email: invite.email,
        role: invite.role.as_str(),
        expires_at: invite.expires_at,
        link,
        mailed: invite.mailed,
    };
    Ok((StatusCode::CREATED, Json(response)))
}

/// Where the console is: the public URL; where none is set (one machine), the host that was asked.
fn root(headers: &HeaderMap, settings: &ApiSettings) -> String {
    if let Some(url) = &settings.public_url {
        return url.clone();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.map(|host| format!("http://{host}")).unwrap_or_default()
}
