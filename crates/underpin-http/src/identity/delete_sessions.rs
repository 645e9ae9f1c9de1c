use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};

use crate::{Api, Auth, Problem, cookie};

/// Sign out everywhere.
#[utoipa::path(delete, path = "/v1/sessions", operation_id = "delete_sessions", tag = "session",
    responses((status = 204, description = "Signed out everywhere")))]
pub(crate) async fn delete_sessions(
    State(api): State<Api>,
    Auth(session): Auth,
) -> Result<impl IntoResponse, Problem> {
    api.identity.sign_out_everywhere(session.user.id).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::take(&api.settings))]))
}
