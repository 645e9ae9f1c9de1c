use axum::extract::State;
use underpin::{
    db::Scope,
    http::{Answer, Answered, Api, Keyed, Path, Staff},
};

use super::{details::AllocationBody, get_allocation::At, restore_fund::Request};
use crate::{Error, ops::restore_allocation, rules::keeping};

/// Most reports in the answer, which is kept for its key.
const REPORTS_MAX: usize = 100;

/// Bring a deleted allocation back; the answer has its newest 100 reports.
#[utoipa::path(post, path = "/v1/t/{tenant}/allocations/{allocation}/restore", operation_id = "restore_allocation", tag = "funds",
    params(("tenant" = String, Path), ("allocation" = String, Path, format = Uuid), Keyed<Request>),
    responses(
        (status = 200, body = AllocationBody, headers(("ETag" = String))),
        (status = 409, description = "parent_deleted, allocation_exists")))]
pub(crate) async fn restore_allocation(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { allocation }): Path<At>,
    once: Keyed<Request>,
) -> Answered {
    let kept_days = api.settings.deleted_days;
    once.commit(&api, Scope::Deleted(tenant.principal), |tx, _, now, _| {
        Box::pin(async move {
            let since = keeping::restorable_since(now, kept_days);
            let mut restored =
                restore_allocation::restore_allocation(tx, allocation, since, now).await?;
            restored.reports.truncate(REPORTS_MAX);
            Ok::<_, Error>(Answer::ok(AllocationBody::from(&restored)).etag(restored.tag()))
        })
    })
    .await
}
