use axum::extract::State;
use underpin::{
    db::Scope,
    http::{Answer, Answered, Api, Keyed, Path, Staff},
};

use super::{create_investor::InvestorDetailsBody, delete_investor::At, restore_fund::Request};
use crate::{Error, ops::restore_investor, rules::keeping};

/// Bring a deleted investor back.
#[utoipa::path(post, path = "/v1/t/{tenant}/investors/{investor}/restore", operation_id = "restore_investor", tag = "funds",
    params(("tenant" = String, Path), ("investor" = String, Path, format = Uuid), Keyed<Request>),
    responses(
        (status = 200, body = InvestorDetailsBody, headers(("ETag" = String))),
        (status = 409, description = "name_taken")))]
pub(crate) async fn restore_investor(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { investor }): Path<At>,
    once: Keyed<Request>,
) -> Answered {
    let kept_days = api.settings.deleted_days;
    once.commit(&api, Scope::Deleted(tenant.principal), |tx, _, now, _| {
        Box::pin(async move {
            let since = keeping::restorable_since(now, kept_days);
            let investor = restore_investor::restore_investor(tx, investor, since, now).await?;
            let version = investor.version;
            Ok::<_, Error>(Answer::ok(InvestorDetailsBody::from(investor)).etag(version))
        })
    })
    .await
}
