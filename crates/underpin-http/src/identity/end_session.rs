use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use underpin_identity::SessionId;

use crate::{Api, Auth, Path, Problem};

#[derive(Deserialize)]
pub(crate) struct At {
    session: SessionId,
}

/// End one of one's sessions.
#[utoipa::path(delete, path = "/v1/sessions/{session}", operation_id = "end_session", tag = "session",
    params(("session" = String, Path, format = Uuid)),
    responses((status = 204, description = "Ended")))]
pub(crate) async fn end_session(
    State(api): State<Api>,
    Auth(session): Auth,
    Path(at): Path<At>,
) -> Result<StatusCode, Problem> {
    api.identity.end_session(session.user.id, at.session).await?;
    Ok(StatusCode::NO_CONTENT)
}
