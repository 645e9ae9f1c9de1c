use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Api, Auth, Json, Problem};

/// How one's second factor stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SecondFactor)]
pub(crate) struct Response {
    enabled: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    enabled_at: Option<Timestamp>,
    /// Codes that were not used.
    recovery_codes_left: i64,
}

/// How one's second factor stands.
#[utoipa::path(get, path = "/v1/second-factor", operation_id = "get_second_factor", tag = "second_factor",
    responses((status = 200, body = Response)))]
pub(crate) async fn get_second_factor(
    State(api): State<Api>,
    Auth(session): Auth,
) -> Result<Json<Response>, Problem> {
    let factor = api.identity.second_factor(session.user.id).await?;
    Ok(Json(Response {
        enabled: factor.enabled_at.is_some(),
        enabled_at: factor.enabled_at,
        recovery_codes_left: factor.recovery_codes_left,
    }))
}
