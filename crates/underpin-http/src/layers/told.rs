use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use axum::http::HeaderMap;
use tracing::Span;
use underpin_base::{TenantId, UserId};
use underpin_identity::Known;

use crate::{Code, Problem};

/// What is learned about a request on its way inwards, for those who log it: whose it is, and whether it has a key.
#[derive(Debug, Clone)]
pub(crate) struct Told(Arc<Facts>);

#[derive(Debug)]
struct Facts {
    span: Span,
    user: OnceLock<UserId>,
    tenant: OnceLock<TenantId>,
    keyed: AtomicBool,
}

impl Told {
    /// Nothing is known; the span gets the tenant once it is, so that every later line has it.
    pub(super) fn nothing(span: Span) -> Self {
        let (user, tenant, keyed) = (OnceLock::new(), OnceLock::new(), AtomicBool::new(false));
        Self(Arc::new(Facts { span, user, tenant, keyed }))
    }

    /// Somebody was recognised, perhaps as a member.
    pub(crate) fn who(&self, known: &Known) {
        // A request has one session: what is there already is the same.
        let _ = self.0.user.set(known.session.user.id);
        if let Some(membership) = &known.membership
            && self.0.tenant.set(membership.tenant.id).is_ok()
        {
            self.0.span.record("tenant", tracing::field::display(membership.tenant.id));
        }
    }

    /// The route reads an `Idempotency-Key`, and there is one.
    pub(crate) fn keyed(&self) {
        self.0.keyed.store(true, Ordering::Relaxed);
    }

    pub(super) fn user(&self) -> Option<UserId> {
        self.0.user.get().copied()
    }

    /// What became of the request's key.
    pub(super) fn idempotency(
        &self,
        succeeded: bool,
        headers: &HeaderMap,
        problem: Option<&Problem>,
    ) -> &'static str {
        if !self.0.keyed.load(Ordering::Relaxed) {
            return "none";
        }
        match problem.map(Problem::code) {
            Some(Code::InFlight) => "in_flight",
            Some(Code::KeyReused) => "key_reused",
            _ if headers.contains_key("idempotent-replayed") => "replayed",
            _ if succeeded => "first",
            _ => "failed",
        }
    }
}
