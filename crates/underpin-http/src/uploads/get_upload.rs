use axum::extract::State;

use super::shapes::{At, Upload};
use crate::{Api, Json, Path, Problem, Staff};

/// One upload.
#[utoipa::path(get, path = "/v1/t/{tenant}/uploads/{upload}", operation_id = "get_upload", tag = "uploads",
    params(("tenant" = String, Path), ("upload" = String, Path, format = Uuid)),
    responses((status = 200, body = Upload)))]
pub(crate) async fn get_upload(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { upload }): Path<At>,
) -> Result<Json<Upload>, Problem> {
    Ok(Json(api.uploads.find(tenant.principal, upload).await?.into()))
}
