use axum::extract::State;

use super::shapes::SessionBody;
use crate::{Api, Auth, Json, Problem};

/// Who one is, and where.
#[utoipa::path(get, path = "/v1/session", operation_id = "get_session", tag = "session",
    responses((status = 200, body = SessionBody)))]
pub(crate) async fn get_session(
    State(api): State<Api>,
    Auth(session): Auth,
) -> Result<Json<SessionBody>, Problem> {
    let memberships = api.identity.memberships(session.user.id).await?;
    Ok(Json(SessionBody::new(session, memberships)))
}
