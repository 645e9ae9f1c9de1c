use axum::extract::State;
use serde::Serialize;
use underpin_identity::Scopes;
use utoipa::ToSchema;

use crate::{Admin, Api, Json};

/// What an API key may be allowed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiScopes)]
pub(crate) struct Response {
    /// `<area>:read` for GET and HEAD, `<area>:write` for everything else; an area is a module, or `tenant`.
    items: Vec<String>,
}

/// Every scope that an API key of this deployment may have.
#[utoipa::path(get, path = "/v1/t/{tenant}/api-scopes", operation_id = "list_api_scopes", tag = "api_keys",
    params(("tenant" = String, Path)), responses((status = 200, body = Response)))]
pub(crate) async fn list_api_scopes(State(api): State<Api>, _: Admin) -> Json<Response> {
    let scopes = Scopes::all(&api.settings.scope_areas());
    Json(Response { items: scopes.names().to_vec() })
}
