use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use underpin::http::{Answer, Api, Path, Problem, Query, Tenant};
use utoipa::{IntoParams, ToSchema};

use super::wire::{self, Positions};
use crate::{Fund, FundId, ops::get_fund};

#[derive(Debug, Deserialize)]
pub(crate) struct At {
    pub(super) fund: FundId,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Request {
    /// Reports after this date are not counted; today if absent.
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<String>,
}

/// A fund with what was reported of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fund)]
pub(crate) struct Response {
    #[schema(format = Uuid)]
    id: String,
    name: String,
    currency: String,
    #[schema(required)]
    vintage: Option<i32>,
    #[schema(required)]
    strategy: Option<String>,
    #[schema(required)]
    manager: Option<String>,
    version: i64,
    #[schema(value_type = String, format = Date)]
    as_of: Date,
    positions: Positions,
    /// How many it has, with a report or without.
    allocations: i64,
}

/// One fund.
#[utoipa::path(get, path = "/v1/t/{tenant}/funds/{fund}", operation_id = "get_fund", tag = "funds",
    params(("tenant" = String, Path), ("fund" = String, Path, format = Uuid), Request),
    responses((status = 200, body = Response, headers(("ETag" = String)))))]
pub(crate) async fn get_fund(
    State(api): State<Api>,
    tenant: Tenant,
    Path(At { fund }): Path<At>,
    Query(request): Query<Request>,
) -> Result<Answer<Response>, Problem> {
    let as_of = wire::as_of(&api, request.as_of.as_deref())?;
    let fund = get_fund::get_fund(&api.db, tenant.principal, fund, as_of).await?;
    let version = fund.version;
    Ok(Answer::ok(body(fund, as_of)).etag(version))
}

fn body(fund: Fund, as_of: Date) -> Response {
    Response {
        id: fund.id.to_string(),
        positions: Positions::new(&fund.sums, &fund.currency),
        name: fund.name,
        currency: fund.currency,
        vintage: fund.vintage,
        strategy: fund.strategy,
        manager: fund.manager,
        version: fund.version,
        as_of,
        allocations: fund.allocations,
    }
}
