use axum::extract::State;
use serde::Deserialize;
use underpin::http::{Answer, Api, Path, Problem, Tenant};

use super::details::AllocationBody;
use crate::{AllocationId, ops::get_allocation};

#[derive(Debug, Deserialize)]
pub(crate) struct At {
    pub(super) allocation: AllocationId,
}

/// One allocation with all its reports.
#[utoipa::path(get, path = "/v1/t/{tenant}/allocations/{allocation}", operation_id = "get_allocation", tag = "funds",
    params(("tenant" = String, Path), ("allocation" = String, Path, format = Uuid)),
    responses((status = 200, body = AllocationBody, headers(("ETag" = String)))))]
pub(crate) async fn get_allocation(
    State(api): State<Api>,
    tenant: Tenant,
    Path(At { allocation }): Path<At>,
) -> Result<Answer<AllocationBody>, Problem> {
    let found = get_allocation::get_allocation(&api.db, tenant.principal, allocation).await?;
    Ok(Answer::ok(AllocationBody::from(&found)).etag(found.tag()))
}
