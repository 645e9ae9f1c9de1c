use axum::extract::State;
use underpin::{
    db::Scope,
    http::{Answer, Api, IfMatch, Path, Problem, Staff},
};

use super::get_allocation::At;
use crate::ops::delete_allocation;

/// Delete an allocation, if nobody changed it or its reports meanwhile. It can be restored for some time.
#[utoipa::path(delete, path = "/v1/t/{tenant}/allocations/{allocation}", operation_id = "delete_allocation", tag = "funds",
    params(("tenant" = String, Path), ("allocation" = String, Path, format = Uuid), IfMatch),
    responses(
        (status = 204, description = "Deleted"),
        (status = 412, description = "version_conflict"),
        (status = 428, description = "precondition_required")))]
pub(crate) async fn delete_allocation(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { allocation }): Path<At>,
    IfMatch(seen): IfMatch,
) -> Result<Answer<()>, Problem> {
    let (seen, at) = (&seen, api.now());
    let deleted = api.db.transact(Scope::Deleted(tenant.principal), |tx, _| {
        Box::pin(
            async move { delete_allocation::delete_allocation(tx, allocation, seen, at).await },
        )
    });
    deleted.await?;
    Ok(Answer::empty())
}
