use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use underpin_identity::{Known, Session};

use crate::{
    Api, Code, Problem,
    layers::{Told, session_token},
};

/// A person who is signed in; an API key is none. Cost: none if the process knows them, else one round trip.
#[derive(Debug, Clone)]
pub struct Auth(
    /// Their session.
    pub Session,
);

impl FromRequestParts<Api> for Auth {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let known = authenticate(parts, api, None).await?;
        if known.scopes.is_some() {
            return Err(Problem::new(Code::Forbidden).detail("an API key is no person"));
        }
        Ok(Self(known.session))
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
    let known = api.identity.authenticate(token, slug).await?;
    // What a browser sends by itself is a session's token and nothing else.
    if known.scopes.is_some() && !parts.headers.contains_key(header::AUTHORIZATION) {
        return Err(Problem::new(Code::Unauthenticated));
    }
    if let Some(told) = parts.extensions.get::<Told>() {
        told.who(&known);
    }
    Ok(known)
}
