//! What every request passes, outermost first: farewell, observe, admit, guard.

mod admit;
mod event;
mod farewell;
mod guard;
mod observe;
mod rank;
mod told;
mod unhurried;

use axum::{Router, middleware::from_fn_with_state};

use crate::Api;

pub(crate) use admit::report;
pub(crate) use guard::{may_shake_hands, session_token};
pub(crate) use told::Told;
pub use unhurried::Unhurried;

/// Wrap a router's routes and fallback.
pub(crate) fn wrap(router: Router<Api>, api: &Api) -> Router<Api> {
    router
        .layer(from_fn_with_state(api.clone(), guard::guard))
        .layer(from_fn_with_state(api.clone(), admit::admit))
        .layer(from_fn_with_state(api.clone(), observe::observe))
        .layer(from_fn_with_state(api.clone(), farewell::farewell))
}

/// Wrap routes that must answer when the process is full: health and the operators' own.
pub(crate) fn wrap_observed(router: Router<Api>, api: &Api) -> Router<Api> {
    router
        .layer(from_fn_with_state(api.clone(), observe::observe))
        .layer(from_fn_with_state(api.clone(), farewell::farewell))
}
