use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use underpin::http::{Api, Json, Problem, Query, Tenant};
use utoipa::{IntoParams, ToSchema};

use super::{
    overview::{In, InvestorShare, OtherInvestors, StateBody},
    wire::{self, Positions},
};
use crate::{Portfolio, Vintage, ops::get_portfolio};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Request {
    /// Reports after this date are not counted; today if absent.
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<String>,
    /// ISO 4217. If absent the tenant's; if no fund is in that, the one with most allocations.
    #[param(example = "USD")]
    currency: Option<String>,
}

/// What the funds of one vintage have.
#[derive(Debug, Serialize, ToSchema)]
struct VintageShare {
    /// Year of the first investment; null where nobody said.
    #[schema(required)]
    vintage: Option<i32>,
    /// Those with a report by the date.
    funds: i64,
    positions: Positions,
}

/// Everything of one currency at a date. An outside person sees their own part of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Portfolio)]
pub(crate) struct Response {
    currency: String,
    /// The currencies that there are funds in.
    currencies: Vec<String>,
    #[schema(value_type = String, format = Date)]
    as_of: Date,
    /// The newest date of a report that is counted; null if there is none.
    #[schema(value_type = Option<String>, format = Date, required)]
    reported_as_of: Option<Date>,
    /// Those with a report by the date.
    funds: i64,
    /// Those with a report by the date.
    investors: i64,
    /// Those with a report by the date.
    allocations: i64,
    positions: Positions,
    /// At the reporting date before `reported_as_of`.
    #[schema(required)]
    previous: Option<StateBody>,
    /// By the year, funds without one last.
    by_vintage: Vec<VintageShare>,
    /// The largest by what they committed; at most 100.
    by_investor: Vec<InvestorShare>,
    /// All investors beside these.
    #[schema(required)]
    others: Option<OtherInvestors>,
    /// At each reporting date up to `as_of`, oldest first; the newest 240.
    history: Vec<StateBody>,
}

/// Everything of one currency at a date.
#[utoipa::path(get, path = "/v1/t/{tenant}/portfolio", operation_id = "get_portfolio", tag = "funds",
    params(("tenant" = String, Path), Request),
    responses((status = 200, body = Response)))]
pub(crate) async fn get_portfolio(
    State(api): State<Api>,
    tenant: Tenant,
    Query(request): Query<Request>,
) -> Result<Json<Response>, Problem> {
    let as_of = wire::as_of(&api, request.as_of.as_deref())?;
    let currency = request.currency.as_deref().map(str::parse).transpose();
    let currency = currency.map_err(|_| {
        Problem::field("currency", "not_a_currency", "an ISO 4217 code such as USD")
    })?;
    let (by, default) = (tenant.principal, tenant.info.currency);
    let found = get_portfolio::get_portfolio(&api.db, by, as_of, currency, default).await?;
    Ok(Json(body(found, as_of)))
}

fn body(portfolio: Portfolio, as_of: Date) -> Response {
    let Portfolio { currency, currencies, funds, mut overview, by_vintage } = portfolio;
    let shape = In(&currency);
    let vintage = |vintage: Vintage| VintageShare {
        vintage: vintage.year,
        funds: vintage.funds,
        positions: Positions::new(&vintage.sums, &currency),
    };
    Response {
        currencies,
        as_of,
        reported_as_of: overview.reported_as_of,
        funds,
        investors: overview.all.investors,
        allocations: overview.all.allocations,
        positions: Positions::new(&overview.all.sums, &currency),
        previous: overview.previous().map(|state| shape.state(state)),
        by_vintage: by_vintage.into_iter().map(vintage).collect(),
        history: shape.history(&overview),
        by_investor: shape.largest(&mut overview),
        others: overview.others.as_ref().map(|others| shape.others(others)),
        currency,
    }
}
