//! The operators' listener.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;
use tower::ServiceExt as _;
use underpin_http::{ApiSettings, operator_router};

use crate::stage::{Answer, OPERATOR, Stage, With as _, get, post, read, send};

async fn ask(stage: &Stage, request: Request<Body>) -> Answer {
    read(operator_router(stage.api.clone()).oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn the_lists_and_metrics_are_for_whoever_has_the_token() {
    let stage = Stage::new().await;
    for path in ["workers", "queues", "schedules", "jobs?state=dead"] {
        let path = format!("/ops/v1/{path}");
        for token in ["", "an operator's tokem", "an operator's token "] {
            let request = get(&path).with("authorization", &format!("Bearer {token}x"));
            assert_eq!(ask(&stage, request).await.code(), "unauthenticated", "{path} {token}");
        }
        assert_eq!(ask(&stage, get(&path)).await.code(), "unauthenticated");
        let answer = ask(&stage, get(&path).bearer(OPERATOR)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.json()["items"].as_array().map(Vec::len), Some(0), "{path}");
    }
    let bad = ask(&stage, get("/ops/v1/jobs?state=odd").bearer(OPERATOR)).await;
    assert_eq!(bad.json()["errors"][0]["field"], "state");
    let bad = ask(&stage, get("/ops/v1/jobs?state=dead&cursor=x").bearer(OPERATOR)).await;
    assert_eq!(bad.code(), "bad_cursor");
    assert_eq!(ask(&stage, get("/livez")).await.text, "ok");
    // What is not there is told to operators only.
    assert_eq!(ask(&stage, get("/ops/v1/nothing")).await.code(), "unauthenticated");
    assert_eq!(ask(&stage, send("PUT", "/metrics", &json!({}))).await.code(), "unauthenticated");
    assert_eq!(ask(&stage, get("/ops/v1/nothing").bearer(OPERATOR)).await.code(), "not_found");
    let put = send("PUT", "/metrics", &json!({})).bearer(OPERATOR);
    assert_eq!(ask(&stage, put).await.code(), "method_not_allowed");
    // The public listener has none of it.
    assert_eq!(stage.ask(get("/metrics").bearer(OPERATOR)).await.code(), "not_found");
}

#[tokio::test]
async fn the_detail_says_what_runs_and_how_it_stands() {
    let stage = Stage::new().await;
    let answer = ask(&stage, get("/ops/v1/detail").bearer(OPERATOR)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let detail = answer.json();
    assert_eq!(detail["build"]["version"], stage.api.settings.version);
    assert_eq!(detail["process"]["draining"], false);
    let schema = detail["schema"].as_array().unwrap();
    let http = schema.iter().find(|one| one["component"] == "http").unwrap();
    assert_eq!((&http["version"], &http["migrations"]), (&json!("0002_purge"), &json!(2)));
    assert_eq!(detail["pools"][0]["name"], "app");
    assert!(
        detail["pools"][1]["connections_used"].as_u64()
            <= detail["pools"][1]["connections_max"].as_u64()
    );
    for list in ["leases", "queues"] {
        assert_eq!(detail[list].as_array().map(Vec::len), Some(0), "{list}");
    }
    let maps = detail["memory"].as_array().unwrap();
    assert!(
        maps.iter().any(|map| map["name"] == "http_routes" && map["entries_max"] == 1025),
        "{maps:?}"
    );
    let routes = detail["routes"].as_array().unwrap();
    assert!(
        routes.contains(&json!("/metrics")) && routes.contains(&json!("/ops/v1/tenants/{slug}"))
    );
    assert!(!answer.text.contains(OPERATOR), "{answer:?}");
}

#[tokio::test]
async fn a_dead_letter_is_looked_at_and_driven_again() {
    let stage = Stage::new().await;
    let id = underpin_jobs::JobId::new();
    let path = format!("/ops/v1/jobs/{id}");
    let redrive = || post(&format!("{path}/redrive"), &serde_json::Value::Null);
    assert_eq!(ask(&stage, redrive()).await.code(), "unauthenticated");
    assert_eq!(ask(&stage, redrive().bearer(OPERATOR)).await.code(), "not_found");
    assert_eq!(ask(&stage, get(&path).bearer(OPERATOR)).await.code(), "not_found");

    let sql = "insert into underpin.job_dead (id, kind, queue, priority, payload, attempts_max, created_at, attempt, errors, crashes,
            last_errors, reason, died_at)
        values ($1, 'test.letter', 'default', 10, '{}', 3, now(), 3, 3, 0, '[]', 'exhausted', now())";
    stage.db.superuser().await.execute(sql, &[&id.uuid()]).await.unwrap();
    assert_eq!(ask(&stage, get(&path).bearer(OPERATOR)).await.json()["state"], "dead");
    let driven = ask(&stage, redrive().bearer(OPERATOR)).await;
    assert_eq!(driven.status, StatusCode::OK, "{driven:?}");
    let driven = driven.json();
    assert_eq!((driven["state"].as_str(), driven["errors"].as_i64()), (Some("ready"), Some(0)));
    assert_eq!(ask(&stage, redrive().bearer(OPERATOR)).await.code(), "not_found");
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_survive_the_database() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    stage.ask(get("/v1/t/north/members?cursor=secret").bearer(&token)).await;
    let text = ask(&stage, get("/metrics").bearer(OPERATOR)).await.text;
    let line = "underpin_http_requests_total{method=\"GET\",route=\"/v1/t/{tenant}/members\",status=\"400\"} 1";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("underpin_log_pending 0") && text.contains("underpin_up 1"), "{text}");
    assert!(!text.contains("secret"), "{text}");
    stage.db.db.close();
    let text = ask(&stage, get("/metrics").bearer(OPERATOR)).await.text;
    assert!(text.contains("underpin_up 0") && text.contains(line), "{text}");
}

#[tokio::test]
async fn without_a_token_in_the_settings_there_is_only_health() {
    let stage = Stage::new().await;
    let api = stage.api.clone();
    let settings = ApiSettings { operator_token: None, ..(*api.settings).clone() };
    let api = api.with(|api| api.settings = std::sync::Arc::new(settings));
    let router = operator_router(api);
    let ask = async |path: &str| {
        read(router.clone().oneshot(get(path).bearer(OPERATOR)).await.unwrap()).await
    };
    assert_eq!(ask("/metrics").await.code(), "not_found");
    assert_eq!(ask("/livez").await.status, StatusCode::OK);
}
