use axum::extract::State;
use serde::Deserialize;
use underpin::{
    db::Scope,
    http::{Answer, Answered, Api, Keyed, Path, Staff},
};

use super::{details::FundDetailsBody, get_fund::At};
use crate::{Error, ops::restore_fund, rules::keeping};

/// Nothing has to be said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {}

/// Bring a deleted fund back, with the allocations that went with it.
#[utoipa::path(post, path = "/v1/t/{tenant}/funds/{fund}/restore", operation_id = "restore_fund", tag = "funds",
    params(("tenant" = String, Path), ("fund" = String, Path, format = Uuid), Keyed<Request>),
    responses(
        (status = 200, body = FundDetailsBody, headers(("ETag" = String))),
        (status = 409, description = "name_taken, parent_deleted")))]
pub(crate) async fn restore_fund(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { fund }): Path<At>,
    once: Keyed<Request>,
) -> Answered {
    let kept_days = api.settings.deleted_days;
    once.commit(&api, Scope::Deleted(tenant.principal), |tx, _, now, _| {
        Box::pin(async move {
            let since = keeping::restorable_since(now, kept_days);
            let fund = restore_fund::restore_fund(tx, fund, since, now).await?;
            let version = fund.version;
            Ok::<_, Error>(Answer::ok(FundDetailsBody::from(fund)).etag(version))
        })
    })
    .await
}
