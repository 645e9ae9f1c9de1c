use axum::extract::State;
use serde::Deserialize;
use underpin::http::{Admin, Answer, Api, IfMatch, Json, Path, Problem};
use utoipa::ToSchema;

use super::{details::FundDetailsBody, get_fund::At};
use crate::{FundChange, Patch, ops::update_fund};

/// What to change of a fund: what is absent stays, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateFund)]
pub(crate) struct Request {
    #[serde(default)]
    #[schema(value_type = Option<String>, nullable = false, max_length = 200)]
    name: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1900, maximum = 2200)]
    vintage: Patch<i32>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    strategy: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    manager: Patch<String>,
}

/// Change what is said about a fund, if nobody else did meanwhile.
#[utoipa::path(patch, path = "/v1/t/{tenant}/funds/{fund}", operation_id = "update_fund", tag = "funds",
    params(("tenant" = String, Path), ("fund" = String, Path, format = Uuid), IfMatch),
    request_body = Request, responses(
        (status = 200, body = FundDetailsBody, headers(("ETag" = String))),
        (status = 409, description = "name_taken"),
        (status = 412, description = "version_conflict"),
        (status = 428, description = "precondition_required")))]
pub(crate) async fn update_fund(
    State(api): State<Api>,
    Admin(tenant): Admin,
    Path(At { fund }): Path<At>,
    IfMatch(seen): IfMatch,
    Json(request): Json<Request>,
) -> Result<Answer<FundDetailsBody>, Problem> {
    let Request { name, vintage, strategy, manager } = request;
    let (change, seen, at) = (&FundChange { name, vintage, strategy, manager }, &seen, api.now());
    let made = api.db.transact(tenant.principal, |tx, _| {
        Box::pin(async move { update_fund::update_fund(tx, fund, seen, change, at).await })
    });
    let fund = made.await?;
    let version = fund.version;
    Ok(Answer::ok(FundDetailsBody::from(fund)).etag(version))
}
