use axum::{extract::State, response::Response};
use underpin::http::{Api, LastEventId, Path, Problem, Staff, events_response};

use super::get_import::At;
use crate::{events, ops::list_imports};

/// How an import goes, as it goes: `import.progress` and `import.finished`, each a full picture.
#[utoipa::path(get, path = "/v1/t/{tenant}/imports/{import}/events", operation_id = "get_import_events", tag = "funds",
    params(("tenant" = String, Path), ("import" = String, Path, format = Uuid),
        ("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, content_type = "text/event-stream", body = String)))]
pub(crate) async fn get_import_events(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { import }): Path<At>,
    last: LastEventId,
) -> Result<Response, Problem> {
    list_imports::get_import(&api.db, tenant.principal, import).await?;
    events_response(&api, &tenant, events::topic(import), last).await
}
