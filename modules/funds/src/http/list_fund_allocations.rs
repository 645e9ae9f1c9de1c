use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use underpin::http::{Api, Json, PageParams, Path, Problem, Query, Tenant};
use utoipa::{IntoParams, ToSchema};

use super::{
    get_fund::At,
    wire::{self, Named, Positions},
};
use crate::{AllocationQuery, FundAllocation, InvestorId, ops::list_fund_allocations};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Request {
    /// Only this investor's.
    #[param(value_type = Option<String>, format = Uuid)]
    investor: Option<String>,
    /// Reports after this date are not counted; today if absent.
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<String>,
}

/// A promise of an investor, with its latest report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FundAllocation)]
struct Allocation {
    #[schema(format = Uuid)]
    id: String,
    investor: Named,
    /// Which deal; empty for the unnamed one.
    deal_ref: String,
    /// Which part of it, from 1.
    tranche: i32,
    /// The date of the report that is counted; null if there is none.
    #[schema(value_type = Option<String>, format = Date, required)]
    as_of: Option<Date>,
    positions: Positions,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FundAllocationPage)]
pub(crate) struct Response {
    items: Vec<Allocation>,
    #[schema(required)]
    next: Option<String>,
    #[schema(value_type = String, format = Date)]
    as_of: Date,
}

/// Who invests in a fund, by the investor's name, deal and tranche.
#[utoipa::path(get, path = "/v1/t/{tenant}/funds/{fund}/allocations", operation_id = "list_fund_allocations", tag = "funds",
    params(("tenant" = String, Path), ("fund" = String, Path, format = Uuid), Request, PageParams),
    responses((status = 200, body = Response)))]
pub(crate) async fn list_fund_allocations(
    State(api): State<Api>,
    tenant: Tenant,
    Path(At { fund }): Path<At>,
    Query(request): Query<Request>,
    PageParams(page): PageParams,
) -> Result<Json<Response>, Problem> {
    let as_of = wire::as_of(&api, request.as_of.as_deref())?;
    let investor = request.investor.map(|id| id.parse::<InvestorId>()).transpose();
    let investor = investor.map_err(|_| Problem::field("investor", "not_an_id", "no such id"))?;
    let query = AllocationQuery { page, investor, as_of };
    let by = tenant.principal;
    let found = list_fund_allocations::list_fund_allocations(&api.db, by, fund, &query).await?;
    let next = found.page.next.map(|cursor| cursor.to_string());
    let shape = |allocation| body(allocation, &found.currency);
    Ok(Json(Response { items: found.page.items.into_iter().map(shape).collect(), next, as_of }))
}

fn body(allocation: FundAllocation, currency: &str) -> Allocation {
    Allocation {
        id: allocation.id.to_string(),
        investor: Named { id: allocation.investor.to_string(), name: allocation.investor_name },
        deal_ref: allocation.deal_ref,
        tranche: allocation.tranche,
        as_of: allocation.as_of,
        positions: Positions::new(&allocation.sums, currency),
    }
}
