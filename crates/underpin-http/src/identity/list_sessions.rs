use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use underpin_identity::SessionId;
use utoipa::ToSchema;

use crate::{Api, Auth, Json, Problem};

/// One's sessions that go on, last used first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sessions)]
pub(crate) struct Response {
    items: Vec<Item>,
}

/// A session that goes on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionEntry)]
struct Item {
    #[schema(value_type = String, format = Uuid)]
    id: SessionId,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// To the minute.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    user_agent: Option<String>,
    address: Option<String>,
    /// The one that asks.
    current: bool,
    /// `cookie` or `token`.
    #[schema(value_type = String)]
    kind: &'static str,
}

/// One's sessions that go on.
#[utoipa::path(get, path = "/v1/sessions", operation_id = "list_sessions", tag = "session",
    responses((status = 200, body = Response)))]
pub(crate) async fn list_sessions(
    State(api): State<Api>,
    Auth(session): Auth,
) -> Result<Json<Response>, Problem> {
    let entries = api.identity.sessions(session.user.id).await?;
    let items = entries.into_iter().map(|entry| Item {
        id: entry.id,
        created_at: entry.created_at,
        last_seen_at: entry.last_seen_at,
        user_agent: entry.user_agent,
        address: entry.address,
        current: entry.id == session.id,
        kind: entry.kind.as_str(),
    });
    Ok(Json(Response { items: items.collect() }))
}
