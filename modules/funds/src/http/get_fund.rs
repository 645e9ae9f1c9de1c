use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use underpin::http::{Answer, Api, Path, Problem, Query, Tenant};
use utoipa::{IntoParams, ToSchema};

use super::wire::{self, Named, Positions};
use crate::{Fund, FundAllocation, FundId, ops::get_fund};

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

/// A fund with who invests in it.
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
    /// By the investor's name; the first 1,000.
    allocations: Vec<Allocation>,
}

/// A promise of an investor, with its latest report.
#[derive(Debug, Serialize, ToSchema)]
struct Allocation {
    #[schema(format = Uuid)]
    id: String,
    investor: Named,
    /// The date of the report that is counted; null if there is none.
    #[schema(value_type = Option<String>, format = Date, required)]
    as_of: Option<Date>,
    positions: Positions,
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
    let (fund, allocations) = get_fund::get_fund(&api.db, tenant.principal, fund, as_of).await?;
    let version = fund.version;
    Ok(Answer::ok(body(fund, allocations, as_of)).etag(version))
}

fn body(fund: Fund, allocations: Vec<FundAllocation>, as_of: Date) -> Response {
    let currency = fund.currency;
    let allocation = |allocation: FundAllocation| Allocation {
        id: allocation.id.to_string(),
        investor: Named { id: allocation.investor.to_string(), name: allocation.investor_name },
        as_of: allocation.as_of,
        positions: Positions::new(&allocation.sums, &currency),
    };
    Response {
        id: fund.id.to_string(),
        name: fund.name,
        vintage: fund.vintage,
        strategy: fund.strategy,
        manager: fund.manager,
        version: fund.version,
        as_of,
        positions: Positions::new(&fund.sums, &currency),
        allocations: allocations.into_iter().map(allocation).collect(),
        currency,
    }
}
