use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use underpin::http::{Answer, Api, Keyed, Problem, Staff};
use utoipa::ToSchema;

use crate::{Error, InvestorDetails, ops::create_investor};

/// A new investor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateInvestor)]
pub(crate) struct Request {
    #[schema(max_length = 200)]
    name: String,
}

/// An investor without what was reported of their allocations.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvestorDetails)]
pub(crate) struct InvestorDetailsBody {
    #[schema(format = Uuid)]
    id: String,
    name: String,
    /// Counts its changes.
    version: i64,
}

impl From<InvestorDetails> for InvestorDetailsBody {
    fn from(investor: InvestorDetails) -> Self {
        let InvestorDetails { id, name, version } = investor;
        Self { id: id.to_string(), name, version }
    }
}

/// Enter an investor.
#[utoipa::path(post, path = "/v1/t/{tenant}/investors", operation_id = "create_investor", tag = "funds",
    params(("tenant" = String, Path), Keyed<Request>),
    request_body = Request, responses(
        (status = 201, body = InvestorDetailsBody),
        (status = 409, description = "name_taken")))]
pub(crate) async fn create_investor(
    State(api): State<Api>,
    Staff(tenant): Staff,
    once: Keyed<Request>,
) -> Result<Response, Problem> {
    once.commit(&api, tenant.principal, |tx, request, now, _| {
        Box::pin(async move {
            let investor = create_investor::create_investor(tx, &request.name, now).await?;
            Ok::<_, Error>(Answer::created(InvestorDetailsBody::from(investor)))
        })
    })
    .await
}
