use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use underpin_base::Secret;
use utoipa::ToSchema;

use crate::{Api, Auth, Client, Json, Problem};

/// One's password, and the one to take its place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangePassword)]
pub(crate) struct Request {
    #[schema(value_type = String, format = Password)]
    current: Secret<String>,
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 1024)]
    new: Secret<String>,
}

/// Change one's password; every other session ends.
#[utoipa::path(put, path = "/v1/password", operation_id = "change_password", tag = "session",
    request_body = Request, responses(
        (status = 204, description = "Changed"),
        (status = 429, description = "rate_limited")))]
pub(crate) async fn change_password(
    State(api): State<Api>,
    Auth(session): Auth,
    client: Extension<Client>,
    headers: HeaderMap,
    Json(Request { current, new }): Json<Request>,
) -> Result<StatusCode, Problem> {
    let origin = super::origin(&client, &headers);
    api.identity.change_password(&session, current, new, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
