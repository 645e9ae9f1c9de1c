use axum::extract::State;

use super::shapes::At;
use crate::{Answer, Api, Path, Problem, Staff};

/// Remove an upload that nothing uses.
#[utoipa::path(delete, path = "/v1/t/{tenant}/uploads/{upload}", operation_id = "delete_upload", tag = "uploads",
    params(("tenant" = String, Path), ("upload" = String, Path, format = Uuid)),
    responses((status = 204), (status = 409, description = "conflict")))]
pub(crate) async fn delete_upload(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { upload }): Path<At>,
) -> Result<Answer<()>, Problem> {
    api.uploads.remove(tenant.principal, upload).await?;
    Ok(Answer::empty())
}
