//! What a request leaves behind: one event, its figures, and a record where it was slow or failed.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tower::ServiceExt as _;
use tracing_subscriber::layer::SubscriberExt as _;
use underpin_http::{ApiSettings, operator_router, run_summary};
use underpin_runtime::{
    CancellationToken,
    telemetry::{Lines, log_panics},
};

use crate::stage::{Answer, OPERATOR, Stage, With as _, get, post, read};

/// The log of a test, as a process in production writes it.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Kept {
    pub(crate) fn begin(&self) -> tracing::subscriber::DefaultGuard {
        let kept = self.clone();
        let lines = Lines::to(move || kept.clone());
        tracing::subscriber::set_default(tracing_subscriber::registry().with(lines))
    }

    pub(crate) fn of(&self, message: &str) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["message"] == message).collect()
    }

    /// The one line of an answer's request with this message.
    fn one(&self, message: &str, answer: &Answer) -> Value {
        let id = answer.headers["x-request-id"].to_str().unwrap();
        let mut lines = self.of(message);
        lines.retain(|line| line["request_id"] == id);
        assert_eq!(lines.len(), 1, "{message} of {answer:?}: {lines:?}");
        lines.remove(0)
    }
}

async fn operator(stage: &Stage, path: &str) -> Value {
    let request = get(path).bearer(OPERATOR);
    let answer = read(operator_router(stage.api.clone()).oneshot(request).await.unwrap()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_request_is_one_event_that_says_whose_it_was_and_what_became_of_it() {
    let log = Kept::default();
    let _log = log.begin();
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let ada = stage.principal("north", "ada").await;
    let thing = |name: &str| {
        let body = json!({ "name": name, "looks": 0, "declared": false });
        post("/v1/t/north/test/things", &body).bearer(&token).with("idempotency-key", "k")
    };
    for (name, status, outcome) in
        [("one", 201, "first"), ("one", 201, "replayed"), ("two", 422, "key_reused")]
    {
        let answer = stage.ask(thing(name)).await;
        let event = log.one("request", &answer);
        assert_eq!(event["status"], status, "{event}");
        assert_eq!(event["idempotency"], outcome, "{event}");
        assert_eq!(event["user"], ada.subject.to_string());
        assert_eq!(event["tenant"], ada.tenant.to_string());
        assert_eq!(event["route"], "/v1/t/{tenant}/test/things");
        assert!(event["statements"].as_u64() >= Some(2) && event["build"].is_string(), "{event}");
        let trace = answer.headers["traceparent"].to_str().unwrap()[3..35].to_owned();
        assert_eq!(event["trace_id"], trace);
    }
    let nobody = stage.ask(get("/v1/nothing/of/that/kind")).await;
    let event = log.one("request", &nobody);
    assert_eq!((&event["route"], &event["user"]), (&json!("/v1/{*rest}"), &Value::Null));
}

#[tokio::test]
async fn a_slow_request_is_recorded_with_its_parts_and_a_quick_one_is_not() {
    let log = Kept::default();
    let _log = log.begin();
    let slow_request = Duration::ZERO;
    let stage = Stage::with(ApiSettings { slow_request, ..ApiSettings::default() }).await;
    let token = stage.token("ada").await;
    let answer = stage.ask(get("/v1/t/north/members").bearer(&token)).await;
    let record = log.one("slow request", &answer);
    let longest = record["longest"].as_str().unwrap();
    assert!(longest.contains(" x, ") && longest.contains(".rs:"), "{record}");
    for part in ["ms", "db_ms", "wait_ms", "rest_ms", "statements"] {
        assert!(record[part].is_u64(), "{part}: {record}");
    }
    let before = log.of("slow request").len();
    // Quick enough on any machine.
    let slow_request = Duration::from_hours(1);
    let stage = Stage::with(ApiSettings { slow_request, ..ApiSettings::default() }).await;
    stage.ask(get("/v1/deployment")).await;
    assert_eq!(log.of("slow request").len(), before);
}

#[tokio::test]
async fn panics_and_faults_are_groups_with_place_trace_and_release() {
    log_panics();
    let stage = Stage::new().await;
    let mut last = String::new();
    for _ in 0..3 {
        let answer = stage.ask(get("/v1/test/panics")).await;
        assert_eq!(answer.code(), "internal");
        last = answer.headers["traceparent"].to_str().unwrap()[3..35].to_owned();
    }
    let errors = operator(&stage, "/ops/v1/errors").await;
    assert_eq!(errors["items"].as_array().unwrap().len(), 1, "{errors}");
    let group = &errors["items"][0];
    assert_eq!((&group["code"], &group["count"]), (&json!("panic"), &json!(3)));
    assert_eq!(
        (&group["route"], &group["last_trace"]),
        (&json!("GET /v1/test/panics"), &json!(last))
    );
    assert_eq!(group["release"], ApiSettings::default().version);
    assert!(group["site"].as_str().unwrap().contains("stage.rs:"), "{group}");
    // A fault is placed where an error became a problem.
    let token = stage.token("ada").await;
    stage.db.db.close();
    assert_eq!(stage.ask(get("/v1/t/north/members").bearer(&token)).await.status, 503);
    let errors = operator(&stage, "/ops/v1/errors").await;
    let group = &errors["items"][0];
    assert_eq!((&group["code"], &group["count"]), (&json!("unavailable"), &json!(1)));
    assert!(group["site"].as_str().unwrap().contains("auth.rs:"), "{group}");
}

#[tokio::test]
async fn snapshot_summary_and_figures_count_the_same() {
    let log = Kept::default();
    let _log = log.begin();
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    for path in ["/v1/t/north/members", "/v1/t/south/members", "/v1/t/north/members"] {
        stage.ask(get(path).bearer(&token)).await;
    }
    let stop = CancellationToken::new();
    stop.cancel();
    run_summary(stage.api.clone(), stop).await;
    let summary = &log.of("summary")[0];
    let snapshot = operator(&stage, "/ops/v1/snapshot").await;
    let requests = &snapshot["requests"];
    assert_eq!((&summary["requests"], &summary["status_4xx"]), (&json!(4), &json!(1)), "{summary}");
    assert_eq!(requests["count"], 4, "{snapshot}");
    assert_eq!(requests["by_class"], json!({ "1xx": 0, "2xx": 3, "3xx": 0, "4xx": 1, "5xx": 0 }));
    let routes = snapshot["routes"].as_array().unwrap();
    let members = routes.iter().find(|one| one["route"] == "/v1/t/{tenant}/members").unwrap();
    assert_eq!(members["statuses"], json!({ "200": 2, "404": 1 }));
    assert_eq!(snapshot["pools"][0]["pool"], "app");
}

#[tokio::test]
async fn every_operation_has_figures_before_anybody_asks_and_the_public_sees_none() {
    let stage = Stage::new().await;
    let open_metrics = "application/openmetrics-text; version=1.0.0";
    let request = get("/metrics").bearer(OPERATOR).with("accept", open_metrics);
    let answer = read(operator_router(stage.api.clone()).oneshot(request).await.unwrap()).await;
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with(open_metrics));
    let never = "underpin_http_request_seconds_count{method=\"DELETE\",route=\"/v1/t/{tenant}/members/{user}\"} 0";
    assert!(answer.text.contains(never) && answer.text.ends_with("# EOF\n"), "{}", answer.text);
    for path in ["/metrics", "/ops/v1/snapshot", "/ops/v1/errors"] {
        let request = get(path).bearer(OPERATOR).with("accept", "text/html");
        assert_eq!(stage.ask(request).await.code(), "not_found", "{path}");
    }
}
