use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};

use crate::{Api, Auth, Problem, cookie};

/// Sign out here.
#[utoipa::path(delete, path = "/v1/session", operation_id = "delete_session", tag = "session",
    responses((status = 204, description = "Signed out")))]
pub(crate) async fn delete_session(
    State(api): State<Api>,
    Auth(session): Auth,
) -> Result<impl IntoResponse, Problem> {
    api.identity.sign_out(&session).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::take(&api.settings))]))
}
