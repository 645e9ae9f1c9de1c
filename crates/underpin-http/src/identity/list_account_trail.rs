use axum::extract::State;

use super::list_trail::Item;
use crate::{Api, Auth, Json, PageBody, PageParams, Problem};

/// What happened with one's account, newest first: sign-ins, passwords, second factors.
#[utoipa::path(get, path = "/v1/audit-trail", operation_id = "list_account_trail", tag = "audit_trail",
    params(PageParams), responses((status = 200, body = PageBody<Item>)))]
pub(crate) async fn list_account_trail(
    State(api): State<Api>,
    Auth(session): Auth,
    PageParams(page): PageParams,
) -> Result<Json<PageBody<Item>>, Problem> {
    let list = format!("{} trail newest", session.user.id);
    let entries = api.identity.account_trail(session.user.id, &page, &list).await?;
    Ok(Json(entries.into()))
}
