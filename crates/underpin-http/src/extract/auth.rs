use axum::{extract::FromRequestParts, http::request::Parts};
use underpin_identity::{Known, Session};

use crate::{Api, Code, Problem, layers::session_token};

/// Somebody who is signed in. Cost: one round trip.
#[derive(Debug, Clone)]
pub struct Auth(
    /// Their session.
    pub Session,
);

impl FromRequestParts<Api> for Auth {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        Ok(Self(authenticate(parts, api, None).await?.session))
    }
}

/// Who asks, and their place in a tenant.
pub(super) async fn authenticate(
    parts: &Parts,
    api: &Api,
    slug: Option<&str>,
) -> Result<Known, Problem> {
    let token = session_token(&parts.headers, &api.settings);
    let token = token.ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    Ok(api.identity.authenticate(token, slug).await?)
}
