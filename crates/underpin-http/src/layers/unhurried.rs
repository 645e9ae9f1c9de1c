use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{extract::FromRequestParts, http::request::Parts};

use crate::Api;

/// Shared by a request's time limit and its handler.
#[derive(Debug, Clone, Default)]
pub(super) struct Hurry(Arc<AtomicBool>);

impl Hurry {
    pub(super) fn is_lifted(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// An extractor that lifts the request's time limit: for a body that may take minutes, with limits of its own.
#[derive(Debug, Clone, Copy)]
pub struct Unhurried;

impl FromRequestParts<Api> for Unhurried {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Infallible> {
        if let Some(hurry) = parts.extensions.get::<Hurry>() {
            hurry.0.store(true, Ordering::Release);
        }
        Ok(Self)
    }
}
