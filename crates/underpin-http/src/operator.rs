//! The operators' listener: health, and with their token queues, workers, schedules, jobs and metrics.

mod guard;
mod jobs;
mod list_findings;
mod list_jobs;
mod lists;
mod metrics;
mod pools;
mod tenants;

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{delete, get, post},
};

use crate::{
    Api, health, layers,
    routes::{method_not_allowed, not_found},
};

pub(crate) use guard::is_operator;

/// The router of the operators' listener. Without an operator token in the settings it serves only health.
pub fn operator_router(api: Api) -> Router {
    let mut router = health::routes();
    if api.settings.operator_token.is_some() {
        let guarded = Router::new()
            .route("/ops/v1/workers", get(lists::workers))
            .route("/ops/v1/queues", get(lists::queues))
            .route("/ops/v1/schedules", get(lists::schedules))
            .route("/ops/v1/jobs", get(list_jobs::list_jobs))
            .route("/ops/v1/jobs/{job}", get(jobs::get_job))
            .route("/ops/v1/jobs/{job}/redrive", post(jobs::redrive_job))
            .route("/ops/v1/tenants", post(tenants::create_tenant::create_tenant))
            .route("/ops/v1/tenants/{slug}", delete(tenants::delete_tenant::delete_tenant))
            .route("/ops/v1/findings", get(list_findings::list_findings))
            .route("/metrics", get(metrics::metrics))
            .route_layer(from_fn_with_state(api.clone(), guard::guard));
        router = router.merge(guarded);
    }
    let router = router.fallback(not_found).method_not_allowed_fallback(method_not_allowed);
    layers::wrap_observed(router, &api).with_state(api)
}
