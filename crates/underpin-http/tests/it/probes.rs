//! The routes of `dev` that take time, memory or the wrong turn on demand.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;
use underpin_http::{ApiSettings, register_probe_job};
use underpin_jobs::{Registry, Runner, RunnerSettings};
use underpin_runtime::Environment;
use underpin_testkit::until;

use crate::stage::{Stage, With as _, get, post};

async fn dev() -> Stage {
    Stage::with(ApiSettings { environment: Environment::Dev, ..ApiSettings::default() }).await
}

#[tokio::test]
async fn nothing_is_there_but_in_dev_and_no_document_speaks_of_them() {
    for (stage, status) in [(Stage::new().await, 404), (dev().await, 200)] {
        let token = stage.token("ada").await;
        for path in ["sleep?ms=1", "statement?ms=1", "allocate?mib=1"] {
            let answer = stage.ask(get(&format!("/v1/probe/{path}")).bearer(&token)).await;
            assert_eq!(answer.status.as_u16(), status, "{path}: {answer:?}");
        }
        let job = post("/v1/t/north/probe/jobs", &json!({})).bearer(&token);
        let expected = if status == 200 { 202 } else { 404 };
        assert_eq!(stage.ask(job).await.status.as_u16(), expected);
        assert!(!stage.ask(get("/v1/openapi.json")).await.text.contains("/probe/"));
    }
}

#[tokio::test]
async fn only_who_is_signed_in_may_ask_and_only_within_bounds() {
    let stage = dev().await;
    let token = stage.token("ivy").await;
    for (path, field) in [
        ("sleep?ms=60001", "ms"),
        ("statement?ms=60001", "ms"),
        ("allocate?mib=257", "mib"),
        ("fail?how=badly", "how"),
    ] {
        let path = format!("/v1/probe/{path}");
        assert_eq!(stage.ask(get(&path)).await.code(), "unauthenticated", "{path}");
        let refused = stage.ask(get(&path).bearer(&token)).await;
        assert_eq!(refused.code(), "invalid", "{path}");
        assert_eq!(refused.json()["errors"][0]["field"], field, "{path}");
    }
    for (body, field) in [(json!({ "fail_times": 11 }), "fail_times"), (json!({ "x": 1 }), "x")] {
        let refused = stage.ask(post("/v1/t/north/probe/jobs", &body).bearer(&token)).await;
        assert_eq!(refused.json()["errors"][0]["field"], field);
    }
}

#[tokio::test]
async fn an_error_and_a_panic_leave_the_same_way() {
    let stage = dev().await;
    let token = stage.token("ada").await;
    for how in ["error", "panic"] {
        let path = format!("/v1/probe/fail?how={how}");
        let failed = stage.ask(get(&path).bearer(&token)).await;
        assert_eq!(failed.code(), "internal", "{how}");
        assert!(!failed.text.contains("on demand"), "{failed:?}");
    }
}

#[tokio::test]
async fn a_job_fails_as_often_as_it_was_told() {
    let stage = dev().await;
    let token = stage.token("ada").await;
    let mut registry = Registry::new();
    register_probe_job(&mut registry);
    // Held however slow the machine is: each attempt counts.
    let settings = RunnerSettings { lease: Duration::from_hours(1), ..RunnerSettings::default() };
    let runner = Runner::new(stage.db.second_process(), registry, settings);
    tokio::spawn(runner.run(stage.stop.clone()));
    let body = json!({ "fail_times": 1, "sleep_ms": 1 });
    let made = stage.ask(post("/v1/t/north/probe/jobs", &body).bearer(&token)).await;
    assert_eq!(made.status, StatusCode::ACCEPTED, "{made:?}");
    let path = made.headers["location"].to_str().unwrap().to_owned();
    assert!(path.ends_with(made.json()["job"].as_str().unwrap()), "{path}");
    let done = until("the job is done", async || {
        let job = stage.ask(get(&path).bearer(&token)).await.json();
        (job["state"] == "done").then_some(job)
    })
    .await;
    assert_eq!((&done["kind"], &done["attempt"]), (&json!("probe.job"), &json!(2)));
}

#[tokio::test]
async fn a_job_whose_request_is_refused_is_not_there() {
    let stage = dev().await;
    let token = stage.token("ada").await;
    for (query, status, jobs) in [("?refuse=true", 409, 0), ("?refuse=false", 202, 1)] {
        let path = format!("/v1/t/north/probe/jobs{query}");
        let answer = stage.ask(post(&path, &json!({})).bearer(&token)).await;
        assert_eq!(answer.status.as_u16(), status, "{answer:?}");
        let sql = "select count(*) from underpin.job";
        let client = stage.db.superuser().await;
        let there: i64 = client.query_one(sql, &[]).await.unwrap().get(0);
        assert_eq!(there, jobs, "{query}");
    }
}
