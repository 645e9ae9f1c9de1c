use axum::extract::State;
use underpin::http::{Api, Json, PageBody, PageParams, Problem, Staff};

use super::get_import::Response as ImportBody;
use crate::ops::list_imports;

/// Imports, newest first.
#[utoipa::path(get, path = "/v1/t/{tenant}/imports", operation_id = "list_imports", tag = "funds",
    params(("tenant" = String, Path), PageParams),
    responses((status = 200, body = PageBody<ImportBody>)))]
pub(crate) async fn list_imports(
    State(api): State<Api>,
    Staff(tenant): Staff,
    PageParams(page): PageParams,
) -> Result<Json<PageBody<ImportBody>>, Problem> {
    let imports = list_imports::list_imports(&api.db, tenant.principal, &page).await?;
    Ok(Json(imports.into()))
}
