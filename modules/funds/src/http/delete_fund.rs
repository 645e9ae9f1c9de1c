use axum::extract::State;
use underpin::{
    db::Scope,
    http::{Answer, Api, IfMatch, Path, Problem, Staff},
};

use super::get_fund::At;
use crate::ops::delete_fund;

/// Delete a fund with its allocations, if nobody changed it meanwhile. It can be restored for some time.
#[utoipa::path(delete, path = "/v1/t/{tenant}/funds/{fund}", operation_id = "delete_fund", tag = "funds",
    params(("tenant" = String, Path), ("fund" = String, Path, format = Uuid), IfMatch),
    responses(
        (status = 204, description = "Deleted"),
        (status = 412, description = "version_conflict"),
        (status = 428, description = "precondition_required")))]
pub(crate) async fn delete_fund(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { fund }): Path<At>,
    IfMatch(seen): IfMatch,
) -> Result<Answer<()>, Problem> {
    let (seen, at) = (&seen, api.now());
    let deleted = api.db.transact(Scope::Deleted(tenant.principal), |tx, _| {
        Box::pin(async move { delete_fund::delete_fund(tx, fund, seen, at).await })
    });
    deleted.await?;
    Ok(Answer::empty())
}
