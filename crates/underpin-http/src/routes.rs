//! The public router: the kernel's routes, the modules', health, and problems for what is not there.

use axum::{Extension, Router, http::Method, middleware::from_fn, routing::any};
use bytes::Bytes;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Api, Area, Code, Problem, deployment, health, identity, jobs, layers, live, mailbox, openapi,
    probe_routes, uploads,
};

/// The OpenAPI document as it is served.
#[derive(Debug, Clone)]
pub(crate) struct Served(pub(crate) Bytes);

/// The routes of this crate.
pub(crate) fn kernel() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(openapi::get_openapi))
        .routes(routes!(deployment::get_deployment))
        .routes(routes!(jobs::get_job))
        .merge(identity::routes())
        .merge(mailbox::routes())
        .merge(live::routes())
        .merge(in_area(uploads::routes(), Area::FILES.0))
}

/// The public router of a process: the kernel's routes and those of its modules (paths in full, `/v1/t/{tenant}/…`).
///
/// What is not there is a problem.
pub fn router(api: Api, modules: OpenApiRouter<Api>) -> Router {
    build(api, modules, Router::new().fallback(not_found))
}

/// The same with pages (the console) for every path outside of `/v1` and health; they pass the same layers.
pub fn router_with_pages(api: Api, modules: OpenApiRouter<Api>, pages: Router) -> Router {
    build(api, modules, Router::new().fallback_service(pages))
}

fn build(api: Api, modules: OpenApiRouter<Api>, rest: Router<Api>) -> Router {
    let (router, document) = openapi::document(modules).split_for_parts();
    expect(&document, &api);
    let served = Served(openapi::finish(document).to_json().unwrap_or_default().into());
    let router = router
        .merge(probe_routes::routes(api.settings.environment))
        .merge(unknown())
        .merge(rest)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(Extension(served));
    let health = layers::wrap_observed(health::routes(), &api);
    layers::wrap(router, &api).merge(health).with_state(api)
}

/// A module's routes, as the area of that name: what the scopes of API keys are asked for.
pub fn in_area(routes: OpenApiRouter<Api>, area: &'static str) -> OpenApiRouter<Api> {
    routes.layer(Extension(Area(area)))
}

/// Routes that read much: their statements may take longer than those of others, and a full process sends them away first.
pub fn reports(routes: OpenApiRouter<Api>) -> OpenApiRouter<Api> {
    routes.layer(from_fn(layers::report))
}

/// Show every operation in the figures from the start: what was never asked for is zero and not absent.
fn expect(document: &utoipa::openapi::OpenApi, api: &Api) {
    for (path, item) in &document.paths.paths {
        for (method, there) in [
            (Method::GET, item.get.is_some()),
            (Method::POST, item.post.is_some()),
            (Method::PUT, item.put.is_some()),
            (Method::PATCH, item.patch.is_some()),
            (Method::DELETE, item.delete.is_some()),
        ] {
            if there {
                api.shared.metrics.expect(&method, path);
            }
        }
    }
}

/// Paths under `/v1` that nobody has, and what operators see on their own address: a problem even where a caller serves pages for
/// everything else.
fn unknown() -> Router<Api> {
    Router::new()
        .route("/v1", any(not_found))
        .route("/v1/", any(not_found))
        .route("/v1/{*rest}", any(not_found))
        .route("/metrics", any(not_found))
        .route("/ops/{*rest}", any(not_found))
}

pub(crate) async fn not_found() -> Problem {
    Problem::new(Code::NotFound)
}

pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(Code::MethodNotAllowed)
}
