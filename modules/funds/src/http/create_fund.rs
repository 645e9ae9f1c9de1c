use axum::{extract::State, response::Response};
use serde::Deserialize;
use underpin::http::{Admin, Answer, Api, Keyed, Problem};
use utoipa::ToSchema;

use super::details::FundDetailsBody;
use crate::{Error, FundEntry, ops::create_fund};

/// A new fund.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateFund)]
pub(crate) struct Request {
    #[schema(max_length = 200)]
    name: String,
    /// ISO 4217; all amounts of the fund are in it.
    #[schema(example = "USD")]
    currency: String,
    /// Year of the first investment.
    #[schema(minimum = 1900, maximum = 2200)]
    vintage: Option<i32>,
    #[schema(max_length = 200)]
    strategy: Option<String>,
    #[schema(max_length = 200)]
    manager: Option<String>,
}

impl From<&Request> for FundEntry {
    fn from(request: &Request) -> Self {
        Self {
            name: request.name.clone(),
            currency: request.currency.clone(),
            vintage: request.vintage,
            strategy: request.strategy.clone(),
            manager: request.manager.clone(),
        }
    }
}

/// Open a fund.
#[utoipa::path(post, path = "/v1/t/{tenant}/funds", operation_id = "create_fund", tag = "funds",
    params(("tenant" = String, Path), Keyed<Request>),
    request_body = Request, responses(
        (status = 201, body = FundDetailsBody, headers(("ETag" = String), ("Location" = String))),
        (status = 409, description = "name_taken")))]
pub(crate) async fn create_fund(
    State(api): State<Api>,
    Admin(tenant): Admin,
    once: Keyed<Request>,
) -> Result<Response, Problem> {
    let slug = &tenant.info.slug;
    once.commit(&api, tenant.principal, |tx, request, now, _| {
        Box::pin(async move {
            let fund = create_fund::create_fund(tx, &request.into(), now).await?;
            let (id, version) = (fund.id, fund.version);
            let answer = Answer::created(FundDetailsBody::from(fund)).etag(version);
            Ok::<_, Error>(answer.location(format!("/v1/t/{slug}/funds/{id}")))
        })
    })
    .await
}
