use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use underpin::http::{Api, Json, PageParams, Problem, Query, Tenant};
use utoipa::{IntoParams, ToSchema};

use super::wire::{self, Positions};
use crate::{Investor, Sums, ops::list_investors};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Request {
    /// Reports after this date are not counted; today if absent.
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<String>,
}

/// An investor with what was reported of their allocations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvestorRow {
    #[schema(format = Uuid)]
    id: String,
    name: String,
    /// Counts its changes; what `If-Match` names.
    version: i64,
    allocations: i64,
    /// Null where the allocations are of several currencies.
    #[schema(required)]
    positions: Option<Positions>,
    /// One per currency.
    totals: Vec<Positions>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvestorPage)]
pub(crate) struct Response {
    items: Vec<InvestorRow>,
    #[schema(required)]
    next: Option<String>,
    #[schema(value_type = String, format = Date)]
    as_of: Date,
    /// Over all investors; null where they are of several currencies, or there are none.
    #[schema(required)]
    total: Option<Positions>,
    /// Over all investors, one per currency.
    totals: Vec<Positions>,
    /// How many investors there are.
    count: i64,
}

/// Investors by name.
#[utoipa::path(get, path = "/v1/t/{tenant}/investors", operation_id = "list_investors", tag = "funds",
    params(("tenant" = String, Path), Request, PageParams),
    responses((status = 200, body = Response)))]
pub(crate) async fn list_investors(
    State(api): State<Api>,
    tenant: Tenant,
    Query(request): Query<Request>,
    PageParams(page): PageParams,
) -> Result<Json<Response>, Problem> {
    let as_of = wire::as_of(&api, request.as_of.as_deref())?;
    let by = tenant.principal;
    let found = list_investors::list_investors(&api.db, by, &page, as_of).await?;
    let (total, totals) = wire::totals(&found.totals);
    let next = found.page.next.map(|cursor| cursor.to_string());
    let currency = &tenant.info.currency;
    let items = found.page.items.into_iter().map(|investor| row(investor, currency)).collect();
    Ok(Json(Response { items, next, as_of, total, totals, count: found.count }))
}

/// An investor without allocations stands at zero in the tenant's currency.
fn row(investor: Investor, currency: &impl ToString) -> InvestorRow {
    let (one, totals) = wire::totals(&investor.totals);
    let nothing = || Positions::new(&Sums::default(), &currency.to_string());
    InvestorRow {
        id: investor.id.to_string(),
        name: investor.name,
        version: investor.version,
        allocations: investor.totals.iter().map(|total| total.count).sum(),
        positions: if totals.is_empty() { Some(nothing()) } else { one },
        totals,
    }
}
