//! The page `docs/api.md` and what is served are the same.

use std::collections::BTreeSet;

use serde_json::Value;
use underpin_http::Code;
use utoipa_axum::router::OpenApiRouter;

use crate::stage::{Stage, get};

const PAGE: &str = include_str!("../../../../docs/api.md");

/// The cells of the table rows under a heading.
fn rows(heading: &str) -> Vec<Vec<&str>> {
    let start = PAGE.find(&format!("\n## {heading}")).expect("the heading is there") + 1;
    let section = &PAGE[start..];
    let end = section[3..].find("\n## ").map_or(section.len(), |end| end + 3);
    section[..end]
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

#[test]
fn the_error_codes_of_the_page_are_those_of_the_program() {
    let page: Vec<(String, u16)> = rows("Error codes")
        .iter()
        .map(|cells| (cells[0].trim_matches('`').to_owned(), cells[1].parse().unwrap()))
        .collect();
    let program: Vec<(String, u16)> =
        Code::ALL.iter().map(|c| (c.as_str().to_owned(), c.status().as_u16())).collect();
    assert_eq!(page, program);
}

/// `GET /v1/t/{tenant}/members` and the like, of the page.
fn page_routes() -> BTreeSet<String> {
    rows("Public API")
        .iter()
        .map(|cells| {
            let route = cells[0].trim_matches('`');
            let route = route.split('?').next().unwrap();
            route.replace("…/", "/v1/t/{tenant}/")
        })
        .collect()
}

fn served_routes(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap();
    let verbs = |item: &Value| item.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    paths
        .iter()
        .flat_map(|(path, item)| {
            verbs(item).into_iter().map(move |verb| format!("{} {path}", verb.to_uppercase()))
        })
        .collect()
}

#[test]
fn every_route_of_the_kernel_is_on_the_page() {
    let document = serde_json::to_value(underpin_http::openapi(OpenApiRouter::new())).unwrap();
    let (page, served) = (page_routes(), served_routes(&document));
    let missing: Vec<_> = served.difference(&page).collect();
    assert!(missing.is_empty(), "served but not on the page: {missing:?}");
    let modules = ["/funds", "/investors", "/imports", "/allocations", "/portfolio"];
    let promised: Vec<_> = page
        .difference(&served)
        .filter(|route| !modules.iter().any(|module| route.contains(module)))
        .collect();
    assert!(promised.is_empty(), "on the page but not served: {promised:?}");
}

#[test]
fn every_operation_has_an_id_a_tag_and_its_problems() {
    let document = serde_json::to_value(underpin_http::openapi(OpenApiRouter::new())).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            let name = format!("{verb} {path}");
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} twice");
            assert!(id.contains('_'), "{name}: {id} is no verb_resource");
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                responses.keys().any(|status| status.starts_with('2') || status == "101"),
                "{name}"
            );
            for status in ["400", "500", "503"] {
                let schema = &responses[status]["content"]["application/problem+json"]["schema"];
                assert_eq!(schema["$ref"], "#/components/schemas/Problem", "{name} {status}");
            }
            let public = operation["security"] == serde_json::json!([{}]);
            assert!(public || responses.contains_key("401"), "{name}");
        }
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for (at, _) in text.match_indices("#/components/schemas/") {
        let name = text[at + 21..].split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name} is missing");
    }
}

#[test]
fn every_post_takes_a_key_or_says_why_not() {
    let modules = crate::stage::modules();
    let document = serde_json::to_value(underpin_http::openapi(modules)).unwrap();
    let mut keyed = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(operation) = item.get("post") else { continue };
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let key = parameters.filter(|parameter| parameter["name"] == "Idempotency-Key").count();
        let reason = operation["x-idempotency"].as_str();
        let explained = reason.is_some_and(|reason| reason.starts_with("none: "));
        assert!((key == 1) != explained, "POST {path}: a key, or x-idempotency with a reason");
        if key == 1 {
            assert!(operation["responses"].get("409").is_some(), "POST {path}");
            keyed += 1;
        }
    }
    assert_eq!(keyed, 3);
}

#[tokio::test]
async fn the_document_is_served_to_anybody() {
    let stage = Stage::new().await;
    let answer = stage.ask(get("/v1/openapi.json")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.json()["paths"].get("/v1/t/{tenant}/test/news").is_some(), "modules too");
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let stage = Stage::new().await;
    for path in ["/v1/nothing", "/v1", "/v1/", "/v1/t/north/nothing", "/v1/session/", "/elsewhere"]
    {
        let answer = stage.ask(get(path)).await;
        assert_eq!(answer.code(), "not_found", "{path}");
    }
    let answer = stage.ask(crate::stage::send("PATCH", "/v1/session", &Value::Null)).await;
    assert_eq!(answer.code(), "method_not_allowed");
    assert!(answer.headers.contains_key("allow"), "{answer:?}");
}

#[tokio::test]
async fn demo_sign_ins_are_shown_in_dev_to_this_machine_only() {
    use crate::stage::With as _;
    use underpin_runtime::Environment;
    let demo = vec![underpin_http::DemoSignIn {
        email: "demo@example.com".into(),
        password: "a demo password".into(),
        name: "Demo".into(),
        role: "owner".into(),
        tenant: "north".into(),
    }];
    for (environment, peer, shown) in [
        (Environment::Dev, "127.0.0.1:9", true),
        (Environment::Dev, "[::1]:9", true),
        (Environment::Dev, "192.0.2.9:9", false),
        (Environment::Production, "127.0.0.1:9", false),
    ] {
        let settings = underpin_http::ApiSettings {
            environment,
            demo: demo.clone(),
            ..underpin_http::ApiSettings::default()
        };
        let stage = Stage::with(settings).await;
        let answer = stage.ask(get("/v1/deployment").from(peer)).await;
        let demo = answer.json()["demo"].as_array().unwrap().len();
        assert_eq!(demo == 1, shown, "{environment:?} {peer}");
    }
}

#[tokio::test]
async fn pages_are_served_outside_of_the_api_and_pass_the_same_layers() {
    use tower::ServiceExt as _;
    let stage = Stage::new().await;
    let pages = axum::Router::new().fallback(async || "<!doctype html>");
    let router = underpin_http::router_with_pages(stage.api.clone(), OpenApiRouter::new(), pages);
    let ask = async |path: &str| {
        crate::stage::read(router.clone().oneshot(get(path)).await.unwrap()).await
    };
    for path in ["/", "/north/funds", "/assets/x.js"] {
        let answer = ask(path).await;
        assert_eq!(answer.text, "<!doctype html>", "{path}");
        assert!(answer.headers.contains_key("x-request-id"), "{path}");
    }
    for path in ["/v1", "/v1/", "/v1/nothing"] {
        assert_eq!(ask(path).await.code(), "not_found", "{path}");
    }
    assert_eq!(ask("/livez").await.text, "ok");
}
