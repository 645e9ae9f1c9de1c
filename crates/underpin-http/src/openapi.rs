//! The OpenAPI document: what handlers say, and what is true of all of them.

use axum::{
    Extension,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use utoipa::{
    OpenApi,
    openapi::{
        ContentBuilder, OpenApi as Document, Ref, RefOr, ResponseBuilder,
        path::{Operation, PathItem},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    Api, Code,
    problem::{Document as ProblemDocument, FieldError},
    routes::{Served, kernel},
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Underpin", description = "The HTTP contract; docs/api.md has the conventions."),
    components(schemas(ProblemDocument, FieldError)),
    security(("cookie" = []), ("bearer" = [])),
)]
struct Base;

/// The document of the kernel's routes and those of modules.
pub fn openapi(modules: OpenApiRouter<Api>) -> Document {
    finish(document(modules).into_openapi())
}

/// The routes with what they say of themselves.
pub(crate) fn document(modules: OpenApiRouter<Api>) -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Base::openapi()).merge(kernel()).merge(modules)
}

/// Add what is true of all routes: how one signs in, and the problems that each may answer with.
pub(crate) fn finish(mut document: Document) -> Document {
    let components = document.components.get_or_insert_default();
    let cookie = ApiKeyValue::with_description("underpin-session", "Named by the deployment.");
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    for (path, item) in &mut document.paths.paths {
        for (safe, operation) in operations(item) {
            add_problems(path, safe, operation);
        }
    }
    document
}

/// The operations of a path, and whether each is safe.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    let safe = get.iter_mut().map(|operation| (true, operation));
    safe.chain([put, post, delete, patch].into_iter().flatten().map(|operation| (false, operation)))
}

fn add_problems(path: &str, safe: bool, operation: &mut Operation) {
    // An explicit empty requirement marks what anybody may ask.
    let public = operation.security.as_ref().is_some_and(|security| {
        security
            .iter()
            .all(|requirement| *requirement == utoipa::openapi::SecurityRequirement::default())
    });
    let mut codes = vec![Code::Malformed, Code::Internal, Code::Unavailable];
    if !public {
        codes.push(Code::Unauthenticated);
    }
    if path.contains('{') {
        codes.push(Code::NotFound);
    }
    // Whoever must be known may be known and not allowed: an API key is no person.
    if !safe || !public {
        codes.push(Code::Forbidden);
    }
    if operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty()) {
        codes.push(Code::Invalid);
    }
    for parameter in operation.parameters.iter().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        match parameter.name.as_str() {
            "Idempotency-Key" => codes.push(Code::InFlight),
            "If-Match" => codes.extend([Code::VersionConflict, Code::PreconditionRequired]),
            _ => {}
        }
    }
    if operation.request_body.is_some() {
        codes.extend([Code::BodyTimeout, Code::TooLarge, Code::MediaType, Code::Invalid]);
    }
    for code in codes {
        let status = code.status().as_u16().to_string();
        let description = code.status().canonical_reason().unwrap_or_default();
        operation
            .responses
            .responses
            .entry(status)
            .or_insert_with(|| RefOr::T(ResponseBuilder::new().description(description).build()));
    }
    for (status, response) in &mut operation.responses.responses {
        if let (true, RefOr::T(response)) = (status.as_str() >= "400", response) {
            let schema = Ref::from_schema_name("Problem");
            let content = ContentBuilder::new().schema(Some(schema)).build();
            response.content.clear();
            response.content.insert("application/problem+json".to_owned(), content.into());
        }
    }
}

/// The contract as OpenAPI 3.1.
#[utoipa::path(get, path = "/v1/openapi.json", operation_id = "get_openapi", tag = "deployment",
    security(()), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn get_openapi(Extension(Served(json)): Extension<Served>) -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind)], json).into_response()
}
