//! The operators' listener: health, and with their token queues, workers, schedules, jobs and metrics.

mod get_detail;
mod get_snapshot;
mod get_trace;
mod guard;
mod jobs;
mod list_errors;
mod list_findings;
mod list_jobs;
mod lists;
mod metrics;
mod pools;
mod tenants;

use axum::{
    Extension, Router,
    middleware::from_fn_with_state,
    routing::{MethodRouter, delete, get, post},
};

use crate::{
    Api, health, layers,
    routes::{method_not_allowed, not_found},
};

pub(crate) use guard::is_operator;

/// The router of the operators' listener. Without an operator token in the settings it serves only health.
pub fn operator_router(api: Api) -> Router {
    let mut router = Router::new();
    if api.settings.operator_token.is_some() {
        router = Routes::default()
            .route("/ops/v1/detail", get(get_detail::get_detail))
            .route("/ops/v1/workers", get(lists::workers))
            .route("/ops/v1/queues", get(lists::queues))
            .route("/ops/v1/schedules", get(lists::schedules))
            .route("/ops/v1/jobs", get(list_jobs::list_jobs))
            .route("/ops/v1/jobs/{job}", get(jobs::get_job))
            .route("/ops/v1/jobs/{job}/redrive", post(jobs::redrive_job))
            .route("/ops/v1/tenants", post(tenants::create_tenant::create_tenant))
            .route("/ops/v1/tenants/{slug}", delete(tenants::delete_tenant::delete_tenant))
            .route("/ops/v1/findings", get(list_findings::list_findings))
            .route("/ops/v1/traces/{trace_id}", get(get_trace::get_trace))
            .route("/ops/v1/errors", get(list_errors::list_errors))
            .route("/ops/v1/snapshot", get(get_snapshot::get_snapshot))
            .route("/metrics", get(metrics::metrics))
            .guarded(&api);
    } else {
        router = router.fallback(not_found);
    }
    let router = router.merge(health::routes().method_not_allowed_fallback(method_not_allowed));
    layers::wrap_observed(router, &api).with_state(api)
}

/// Routes with a list of their paths.
#[derive(Default)]
struct Routes {
    router: Router<Api>,
    paths: Vec<&'static str>,
}

impl Routes {
    fn route(mut self, path: &'static str, methods: MethodRouter<Api>) -> Self {
        self.paths.push(path);
        Self { router: self.router.route(path, methods), ..self }
    }

    /// The routes and everything else that is asked for, behind the operator token: without it nobody learns what is there.
    fn guarded(self, api: &Api) -> Router<Api> {
        self.router
            .fallback(not_found)
            .method_not_allowed_fallback(method_not_allowed)
            .layer(Extension(guard::Guarded(self.paths.into())))
            .layer(from_fn_with_state(api.clone(), guard::guard))
    }
}
