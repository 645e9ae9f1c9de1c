use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use underpin::http::{Api, Json, PageParams, Problem, Query, Tenant};
use utoipa::{IntoParams, ToSchema};

use super::wire::{self, Positions};
use crate::{Fund, FundQuery, Sort, ops::list_funds};

/// Longest search, in characters.
const SEARCH_MAX: usize = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Request {
    /// What the name begins with; case and white space do not matter.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Only funds of this year.
    #[param(value_type = Option<i32>, minimum = 1900, maximum = 2200)]
    vintage: Option<String>,
    /// In which order; funds without the figure come last.
    #[param(value_type = Option<FundSort>, inline)]
    sort: Option<String>,
    /// Reports after this date are not counted; today if absent.
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<String>,
}

/// Orders of the fund list; `-` is largest, or Z, first. Amounts of different currencies are compared as bare numbers.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only its schema is used; `Sort::parse` reads the text")]
pub(crate) enum FundSort {
    #[schema(rename = "name")]
    Name,
    #[schema(rename = "-name")]
    NameDown,
    #[schema(rename = "vintage")]
    Vintage,
    #[schema(rename = "-vintage")]
    VintageDown,
    #[schema(rename = "committed")]
    Committed,
    #[schema(rename = "-committed")]
    CommittedDown,
    #[schema(rename = "called")]
    Called,
    #[schema(rename = "-called")]
    CalledDown,
    #[schema(rename = "distributed")]
    Distributed,
    #[schema(rename = "-distributed")]
    DistributedDown,
    #[schema(rename = "value")]
    Value,
    #[schema(rename = "-value")]
    ValueDown,
    #[schema(rename = "unfunded")]
    Unfunded,
    #[schema(rename = "-unfunded")]
    UnfundedDown,
    #[schema(rename = "tvpi")]
    Tvpi,
    #[schema(rename = "-tvpi")]
    TvpiDown,
    #[schema(rename = "dpi")]
    Dpi,
    #[schema(rename = "-dpi")]
    DpiDown,
    #[schema(rename = "rvpi")]
    Rvpi,
    #[schema(rename = "-rvpi")]
    RvpiDown,
}

/// A fund with what was reported of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FundRow {
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
    allocations: i64,
    /// The newest date of a report that is counted.
    #[schema(value_type = Option<String>, format = Date, required)]
    reported_as_of: Option<Date>,
    positions: Positions,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FundPage)]
pub(crate) struct Response {
    items: Vec<FundRow>,
    #[schema(required)]
    next: Option<String>,
    #[schema(value_type = String, format = Date)]
    as_of: Date,
    /// Over all funds that match; null where they are of several currencies, or none match.
    #[schema(required)]
    total: Option<Positions>,
    /// Over all funds that match, one per currency.
    totals: Vec<Positions>,
    /// How many match.
    count: i64,
}

/// The fund book: what was promised, called, given back and is left, by fund.
#[utoipa::path(get, path = "/v1/t/{tenant}/funds", operation_id = "list_funds", tag = "funds",
    params(("tenant" = String, Path), Request, PageParams),
    responses((status = 200, body = Response)))]
pub(crate) async fn list_funds(
    State(api): State<Api>,
    tenant: Tenant,
    Query(request): Query<Request>,
    PageParams(page): PageParams,
) -> Result<Json<Response>, Problem> {
    let prefix = request.q.unwrap_or_default();
    if prefix.chars().count() > SEARCH_MAX {
        return Err(Problem::field("q", "too_long", "at most 200 characters"));
    }
    let vintage = request.vintage.as_deref().map(year).transpose()?;
    let sort = Sort::parse(request.sort.as_deref().unwrap_or("name"));
    let sort = sort.ok_or_else(|| Problem::field("sort", "unknown", "no such order"))?;
    let as_of = wire::as_of(&api, request.as_of.as_deref())?;
    let query = FundQuery { page, prefix, vintage, sort, as_of };
    let found = list_funds::list_funds(&api.db, tenant.principal, &query).await?;
    let (total, totals) = wire::totals(&found.totals);
    let count = found.totals.iter().map(|total| total.count).sum();
    let next = found.page.next.map(|cursor| cursor.to_string());
    let items = found.page.items.into_iter().map(FundRow::from).collect();
    Ok(Json(Response { items, next, as_of, total, totals, count }))
}

fn year(text: &str) -> Result<i32, Problem> {
    let year = text.parse().ok().filter(|year| (1900..=2200).contains(year));
    year.ok_or_else(|| Problem::field("vintage", "not_a_year", "a year from 1900 to 2200"))
}

impl From<Fund> for FundRow {
    fn from(fund: Fund) -> Self {
        Self {
            id: fund.id.to_string(),
            positions: Positions::new(&fund.sums, &fund.currency),
            name: fund.name,
            currency: fund.currency,
            vintage: fund.vintage,
            strategy: fund.strategy,
            manager: fund.manager,
            allocations: fund.allocations,
            reported_as_of: fund.reported_as_of,
        }
    }
}
