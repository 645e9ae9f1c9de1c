use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use underpin::http::{Api, Json, Path, Problem, Query, Tenant};
use utoipa::{IntoParams, ToSchema};

use super::{
    details::FundDetailsBody,
    get_fund::At,
    overview::{In, InvestorShare, OtherInvestors, StateBody},
    wire::{self, Positions},
};
use crate::{Dashboard, ops::get_dashboard};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Request {
    /// Reports after this date are not counted; today if absent.
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<String>,
}

/// A fund at a date: its sums, who invests, how it came to be. An outside person sees their own part of each.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FundDashboard)]
pub(crate) struct Response {
    fund: FundDetailsBody,
    #[schema(value_type = String, format = Date)]
    as_of: Date,
    /// The newest date of a report that is counted; null if there is none.
    #[schema(value_type = Option<String>, format = Date, required)]
    reported_as_of: Option<Date>,
    /// Those with a report by the date.
    allocations: i64,
    positions: Positions,
    /// At the reporting date before `reported_as_of`.
    #[schema(required)]
    previous: Option<StateBody>,
    /// The largest by what they committed; at most 100.
    investors: Vec<InvestorShare>,
    /// All investors beside these.
    #[schema(required)]
    others: Option<OtherInvestors>,
    /// At each reporting date up to `as_of`, oldest first; the newest 240.
    history: Vec<StateBody>,
}

/// A fund at a date.
#[utoipa::path(get, path = "/v1/t/{tenant}/funds/{fund}/dashboard", operation_id = "get_dashboard", tag = "funds",
    params(("tenant" = String, Path), ("fund" = String, Path, format = Uuid), Request),
    responses((status = 200, body = Response)))]
pub(crate) async fn get_dashboard(
    State(api): State<Api>,
    tenant: Tenant,
    Path(At { fund }): Path<At>,
    Query(request): Query<Request>,
) -> Result<Json<Response>, Problem> {
    let as_of = wire::as_of(&api, request.as_of.as_deref())?;
    let found = get_dashboard::get_dashboard(&api.db, tenant.principal, fund, as_of).await?;
    Ok(Json(body(found, as_of)))
}

fn body(dashboard: Dashboard, as_of: Date) -> Response {
    let Dashboard { fund, mut overview } = dashboard;
    let shape = In(&fund.currency);
    Response {
        as_of,
        reported_as_of: overview.reported_as_of,
        allocations: overview.all.allocations,
        positions: Positions::new(&overview.all.sums, &fund.currency),
        previous: overview.previous().map(|state| shape.state(state)),
        history: shape.history(&overview),
        investors: shape.largest(&mut overview),
        others: overview.others.as_ref().map(|others| shape.others(others)),
        fund: fund.into(),
    }
}
