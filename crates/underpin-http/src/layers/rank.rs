use std::sync::Arc;

use axum::{
    extract::Request,
    http::{Extensions, Method},
};
use tokio::sync::Semaphore;

/// What is let in first when the process fills up; health and the operators' routes are never asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rank {
    /// Signing in: without it nobody can do anything.
    SignIn,
    /// A request that changes something.
    Write,
    /// A request that reads.
    Read,
    /// A request that reads much.
    Report,
}

/// Paths that begin so are about signing in.
const SIGN_IN: [&str; 3] = ["/v1/session", "/v1/password-resets", "/v1/deployment"];

impl Rank {
    /// The rank of a request as far as its method and path tell; a report is known by its route.
    pub(crate) fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let sign_in = SIGN_IN.iter().any(|begin| path.starts_with(begin));
        match *request.method() {
            _ if sign_in => Self::SignIn,
            Method::GET | Method::HEAD | Method::OPTIONS => Self::Read,
            _ => Self::Write,
        }
    }

    /// Places of so many that are kept for whoever is ranked higher.
    pub(crate) const fn kept(self, places: usize) -> usize {
        match self {
            Self::SignIn => 0,
            Self::Write => places / 8,
            Self::Read => places / 4,
            Self::Report => places / 2,
        }
    }
}

/// How full the process is: in the extensions of each request that was let in.
#[derive(Debug, Clone)]
pub(crate) struct Crowd {
    pub(crate) places: Arc<Semaphore>,
    pub(crate) most: usize,
}

impl Crowd {
    /// Whether a request of this rank finds the process too full.
    pub(crate) fn refuses(&self, rank: Rank) -> bool {
        let kept = rank.kept(self.most);
        kept > 0 && self.places.available_permits() <= kept
    }

    /// The same for a request that has a place already.
    pub(crate) fn refuses_report(extensions: &Extensions) -> bool {
        let crowd = extensions.get::<Self>();
        crowd.is_some_and(|crowd| crowd.places.available_permits() < Rank::Report.kept(crowd.most))
    }
}
