use axum::{extract::State, response::Response};
use serde::Deserialize;
use underpin::http::{Answer, Api, Keyed, Path, Problem, Staff};
use utoipa::ToSchema;

use super::{
    details::{AllocationBody, ReportRequest},
    get_fund::At,
};
use crate::{AllocationEntry, Error, InvestorId, ops::create_allocation};

/// A new allocation with its first report.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateAllocation)]
pub(crate) struct Request {
    #[schema(value_type = String, format = Uuid)]
    investor_id: InvestorId,
    /// Which deal; the unnamed one if absent.
    #[schema(max_length = 100)]
    deal_ref: Option<String>,
    /// Which part of it; the first if absent.
    #[schema(minimum = 1)]
    tranche: Option<i32>,
    report: ReportRequest,
}

impl From<&Request> for AllocationEntry {
    fn from(request: &Request) -> Self {
        Self {
            investor: request.investor_id,
            deal_ref: request.deal_ref.clone(),
            tranche: request.tranche,
            report: request.report.clone().into(),
        }
    }
}

/// Enter what an investor promised to a fund.
#[utoipa::path(post, path = "/v1/t/{tenant}/funds/{fund}/allocations", operation_id = "create_allocation", tag = "funds",
    params(("tenant" = String, Path), ("fund" = String, Path, format = Uuid), Keyed<Request>),
    request_body = Request, responses(
        (status = 201, body = AllocationBody, headers(("ETag" = String), ("Location" = String))),
        (status = 409, description = "allocation_exists")))]
pub(crate) async fn create_allocation(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { fund }): Path<At>,
    once: Keyed<Request>,
) -> Result<Response, Problem> {
    let slug = &tenant.info.slug;
    once.commit(&api, tenant.principal, |tx, request, now, _| {
        Box::pin(async move {
            let entered = request.into();
            let made = create_allocation::create_allocation(tx, fund, &entered, now).await?;
            let place = format!("/v1/t/{slug}/allocations/{}", made.id);
            let answer = Answer::created(AllocationBody::from(&made));
            Ok::<_, Error>(answer.etag(made.tag()).location(place))
        })
    })
    .await
}
