use axum::extract::State;
use serde::Deserialize;
use underpin::{
    db::Scope,
    http::{Answer, Api, IfMatch, Path, Problem, Staff},
};

use crate::{InvestorId, ops::delete_investor};

#[derive(Debug, Deserialize)]
pub(crate) struct At {
    pub(super) investor: InvestorId,
}

/// Delete an investor without allocations, if nobody changed it meanwhile. It can be restored for some time.
#[utoipa::path(delete, path = "/v1/t/{tenant}/investors/{investor}", operation_id = "delete_investor", tag = "funds",
    params(("tenant" = String, Path), ("investor" = String, Path, format = Uuid), IfMatch),
    responses(
        (status = 204, description = "Deleted"),
        (status = 409, description = "investor_in_use"),
        (status = 412, description = "version_conflict"),
        (status = 428, description = "precondition_required")))]
pub(crate) async fn delete_investor(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { investor }): Path<At>,
    IfMatch(seen): IfMatch,
) -> Result<Answer<()>, Problem> {
    let (seen, at) = (&seen, api.now());
    let deleted = api.db.transact(Scope::Deleted(tenant.principal), |tx, _| {
        Box::pin(async move { delete_investor::delete_investor(tx, investor, seen, at).await })
    });
    deleted.await?;
    Ok(Answer::empty())
}
