use axum::{extract::FromRequestParts, http::request::Parts};
use serde::Deserialize;
use underpin_base::{LIMIT_DEFAULT, LIMIT_MAX, PageQuery};
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use super::query;
use crate::{Api, Problem};

/// `limit` (1–200, default 50) and `cursor` of a list.
#[derive(Debug, Clone)]
pub struct PageParams(
    /// What the client asks of the list.
    pub PageQuery,
);

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Raw {
    /// Rows of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where to go on: `next` of the page before.
    cursor: Option<String>,
}

impl IntoParams for PageParams {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        Raw::into_params(parameter_in)
    }
}

impl FromRequestParts<Api> for PageParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        let Raw { limit, cursor } = query::read(parts.uri.query().unwrap_or_default())?;
        let limit = limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::field("limit", "out_of_range", "1 to 200"));
        }
        let cursor = cursor.map(|cursor| cursor.parse()).transpose()?;
        Ok(Self(PageQuery { limit, cursor }))
    }
}
