//! What a request does to the database is counted, shown to operators, and refused in tests where it repeats.

use std::sync::Arc;

use axum::{Router, body::Body, http::Request};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use underpin_http::{ApiSettings, Repeats, operator_router, router};

use crate::stage::{OPERATOR, Stage, With as _, get, modules, post, read};

const ROUTE: &str = "POST /v1/t/{tenant}/test/things";

fn thing(token: &str, name: &str, looks: usize, declared: bool) -> Request<Body> {
    let body = json!({ "name": name, "looks": looks, "declared": declared });
    post("/v1/t/north/test/things", &body).bearer(token).with("idempotency-key", name)
}

/// The public router as production has it.
fn reporting(stage: &Stage) -> Router {
    let api = stage.api.clone();
    let settings = ApiSettings { repeats: Repeats::Report, ..(*api.settings).clone() };
    let api = api.with(|api| api.settings = Arc::new(settings));
    router(api, modules())
}

async fn findings(stage: &Stage) -> Vec<Value> {
    let request = get("/ops/v1/findings").bearer(OPERATOR);
    let answer = read(operator_router(stage.api.clone()).oneshot(request).await.unwrap()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_test_fails_by_a_request_that_repeats_a_statement_and_says_where() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let refused = stage.ask(thing(&token, "many", 6, false)).await;
    assert_eq!(refused.code(), "internal");
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    for part in ["fan_out", "6 statements", "test.find_thing", "things.rs:"] {
        assert!(detail.contains(part), "{part} is not in {detail}");
    }
    let few = stage.ask(thing(&token, "few", 2, false)).await;
    assert_eq!(few.status, 201, "{few:?}");
    let declared = stage.ask(thing(&token, "declared", 6, true)).await;
    assert_eq!(declared.status, 201, "{declared:?}");
}

#[tokio::test]
async fn production_answers_and_keeps_a_finding_for_operators() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let production = reporting(&stage);
    assert_eq!(findings(&stage).await.len(), 0);
    let mut newest = String::new();
    for (name, looks) in [("five", 5), ("nine", 9), ("six", 6)] {
        let request = thing(&token, name, looks, false);
        let answer = read(production.clone().oneshot(request).await.unwrap()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        newest = answer.headers["traceparent"].to_str().unwrap()[3..35].to_owned();
    }
    let list = findings(&stage).await;
    assert_eq!(list.len(), 1, "{list:?}");
    let one = &list[0];
    assert_eq!(one["route"], ROUTE);
    assert_eq!(one["suspicion"], "fan_out");
    assert_eq!(one["statement"], "test.find_thing");
    assert!(one["site"].as_str().unwrap().contains("things.rs:"), "{one}");
    assert_eq!((&one["runs_max"], &one["count"]), (&json!(9), &json!(3)));
    assert_eq!(one["last_trace"], newest);
    assert!(one["last_at"].as_str().unwrap().ends_with('Z'), "{one}");
    assert_eq!(one["declared"], Value::Null);
    let request = thing(&token, "on-purpose", 5, true);
    read(production.oneshot(request).await.unwrap()).await;
    assert_eq!(findings(&stage).await[0]["declared"], "a test says so");
}

#[tokio::test]
async fn findings_are_for_operators() {
    let stage = Stage::new().await;
    let request = get("/ops/v1/findings").bearer("somebody");
    let answer = read(operator_router(stage.api.clone()).oneshot(request).await.unwrap()).await;
    assert_eq!(answer.code(), "unauthenticated");
}

#[tokio::test]
async fn an_operator_sees_what_a_request_cost_and_nobody_else_does() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let ask = async |pairs: &[(&'static str, &str)]| {
        let request = get("/v1/t/north/members").bearer(&token);
        let request =
            pairs.iter().fold(request, |request, (name, value)| request.with(name, value));
        stage.ask(request).await.headers.get("server-timing").cloned()
    };
    let timing = ask(&[("x-operator-token", OPERATOR)]).await.unwrap();
    let timing = timing.to_str().unwrap();
    let parts: Vec<&str> = timing.split(", ").collect();
    assert!(parts[0].starts_with("total;dur=") && parts[1].starts_with("db;dur="), "{timing}");
    // Who asks, and the list.
    assert_eq!(parts[2..], ["statements;desc=\"2\"", "session;desc=\"1\""]);
    assert_eq!(ask(&[]).await, None);
    assert_eq!(ask(&[("x-operator-token", "an operator's tokem")]).await, None);
    assert_eq!(ask(&[("x-operator-token", "")]).await, None);
    let two = [("x-operator-token", "another"), ("x-operator-token", OPERATOR)];
    assert_eq!(ask(&two).await, None);
}
