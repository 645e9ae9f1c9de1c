use axum::extract::State;
use serde::Deserialize;
use underpin::http::{Answer, Api, IfMatch, Json, Path, Problem, Staff};
use utoipa::ToSchema;

use super::{
    details::{AllocationBody, ReportRequest},
    get_allocation::At,
};
use crate::{AllocationChange, ops::update_allocation};

/// What to change of an allocation: what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateAllocation)]
pub(crate) struct Request {
    #[schema(max_length = 100)]
    deal_ref: Option<String>,
    #[schema(minimum = 1)]
    tranche: Option<i32>,
    /// Takes the place of what was reported for its date.
    report: Option<ReportRequest>,
}

/// Change an allocation, or what is reported of it at a date, if nobody else did meanwhile.
#[utoipa::path(patch, path = "/v1/t/{tenant}/allocations/{allocation}", operation_id = "update_allocation", tag = "funds",
    params(("tenant" = String, Path), ("allocation" = String, Path, format = Uuid), IfMatch),
    request_body = Request, responses(
        (status = 200, body = AllocationBody, headers(("ETag" = String))),
        (status = 409, description = "allocation_exists"),
        (status = 412, description = "version_conflict"),
        (status = 428, description = "precondition_required")))]
pub(crate) async fn update_allocation(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { allocation }): Path<At>,
    IfMatch(seen): IfMatch,
    Json(request): Json<Request>,
) -> Result<Answer<AllocationBody>, Problem> {
    let Request { deal_ref, tranche, report } = request;
    let change = &AllocationChange { deal_ref, tranche, report: report.map(Into::into) };
    let (seen, at) = (&seen, api.now());
    let made = api.db.transact(tenant.principal, |tx, _| {
        Box::pin(async move {
            update_allocation::update_allocation(tx, allocation, seen, change, at).await
        })
    });
    let made = made.await?;
    Ok(Answer::ok(AllocationBody::from(&made)).etag(made.tag()))
}
