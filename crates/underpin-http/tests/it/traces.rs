//! What operators and a collector see of requests: where the time went, and nothing that is secret.

use axum::{
    Router,
    body::{Body, Bytes},
    http::{Request, StatusCode},
    routing::post,
};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use underpin_http::{operator_router, router};
use underpin_runtime::{
    CancellationToken, Exporter, Service, Settings, Telemetry, Tracer, settings::Sources,
};

use crate::stage::{
    Answer, OPERATOR, PASSWORD, Stage, With as _, email, get, modules, post as ask, read, send,
};

const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

async fn operator(stage: &Stage, request: Request<Body>) -> Answer {
    read(operator_router(stage.api.clone()).oneshot(request).await.unwrap()).await
}

async fn spans(stage: &Stage, trace: &str) -> Vec<Value> {
    let answer = operator(stage, get(&format!("/ops/v1/traces/{trace}")).bearer(OPERATOR)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_request_is_found_by_its_trace_with_the_statements_that_it_waited_for() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let request = get("/v1/t/north/members?limit=3").bearer(&token).with("traceparent", CALLER);
    assert_eq!(stage.ask(request).await.status, StatusCode::OK);
    let spans = spans(&stage, ID).await;
    let (request, steps) = spans.split_first().unwrap();
    assert_eq!(
        (&request["kind"], &request["name"]),
        (&json!("server"), &json!("GET /v1/t/{tenant}/members"))
    );
    assert_eq!(request["parent_span_id"], "00f067aa0ba902b7");
    let attributes = &request["attributes"];
    assert_eq!(attributes["http.route"], "/v1/t/{tenant}/members");
    assert_eq!(attributes["http.response.status_code"], 200);
    let tenant = stage.principal("north", "ada").await.tenant;
    assert_eq!(attributes["underpin.tenant.id"], tenant.to_string());
    let named: Vec<_> =
        steps.iter().filter(|step| step["name"].as_str().unwrap().contains('.')).collect();
    assert!(!named.is_empty(), "{steps:?}");
    for step in steps {
        assert_eq!((&step["kind"], &step["system"]), (&json!("client"), &json!("postgresql")));
        assert_eq!(step["parent_span_id"], request["span_id"]);
        assert!(step["site"].as_str().unwrap().contains(".rs:"), "{step}");
        assert!(step["took_us"].as_u64() <= request["took_us"].as_u64(), "{step} of {request}");
    }
    let together: u64 = steps.iter().map(|step| step["took_us"].as_u64().unwrap()).sum();
    assert!(together <= request["took_us"].as_u64().unwrap(), "one after the other");
}

#[tokio::test]
async fn health_and_operators_take_no_place_and_an_unknown_trace_is_not_found() {
    let stage = Stage::new().await;
    let health = stage.ask(get("/livez").with("traceparent", CALLER)).await;
    assert_eq!(health.status, StatusCode::OK);
    let request = || get(&format!("/ops/v1/traces/{ID}")).with("traceparent", CALLER);
    for _ in 0..2 {
        assert_eq!(operator(&stage, request().bearer(OPERATOR)).await.code(), "not_found");
    }
    assert_eq!(operator(&stage, request()).await.code(), "unauthenticated");
}

/// A collector that keeps what it is sent.
async fn collector() -> (String, tokio::sync::mpsc::UnboundedReceiver<Bytes>) {
    let (told, heard) = tokio::sync::mpsc::unbounded_channel();
    let take = move |body: Bytes| async move {
        let _ = told.send(body);
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let router = Router::new().route("/v1/traces", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, heard)
}

fn exported(url: &str) -> (Telemetry, Exporter) {
    // Fails only where an earlier test of this process chose it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let env = vec![("UNDERPIN_TRACES_ENDPOINT".to_owned(), url.to_owned())];
    let settings = Settings::load(&Sources { file: None, env }).unwrap();
    let service = Service { name: "test".into(), version: "1".into(), environment: "dev".into() };
    let (tracer, exporter) = Tracer::new(&settings.traces, service).unwrap();
    (Telemetry { tracer, ..Telemetry::default() }, exporter.unwrap())
}

#[tokio::test]
async fn no_secret_is_in_a_span() {
    let mut stage = Stage::new().await;
    let (url, mut heard) = collector().await;
    let (telemetry, exporter) = exported(&url);
    stage.api = stage.api.clone().with_telemetry(telemetry.clone());
    stage.router = router(stage.api.clone(), modules());
    let (token, cookie) = (stage.token("ada").await, stage.cookie("bob").await);
    let canary = "canary0123456789abcdef";
    let sign_in = json!({ "email": email("ada"), "password": canary, "delivery": "token" });
    let new_password = json!({ "current": PASSWORD, "new": canary });
    let requests = [
        ask("/v1/session", &sign_in),
        send("PUT", "/v1/password", &new_password).bearer(&token),
        ask("/v1/invites/lookup", &json!({ "token": canary })),
        get(&format!("/v1/t/{canary}/members?cursor={canary}&token={canary}")).bearer(&token),
        get(&format!("/v1/{canary}")).with("x-operator-token", canary).with("x-request-id", canary),
        get("/v1/t/north/members").bearer(canary),
        get("/v1/t/north/members").with("cookie", &cookie),
        get("/v1/session").with("cookie", &cookie).with("x-operator-token", OPERATOR),
        get("/v1/test/panics").with("tracestate", canary).with("user-agent", canary),
        Request::builder().method(canary).uri("/v1/session").body(Body::empty()).unwrap(),
    ];
    let count = requests.len();
    for request in requests {
        stage.ask(request.with("traceparent", CALLER)).await;
    }
    // The operators' view of them, and the collector's.
    let mut texts = vec![json!(spans(&stage, ID).await).to_string()];
    let stop = CancellationToken::new();
    stop.cancel();
    exporter.run(stop).await;
    while let Ok(body) = heard.try_recv() {
        texts.push(String::from_utf8(body.to_vec()).unwrap());
    }
    assert_eq!(texts.len(), 2);
    let tracer = &telemetry.tracer;
    assert!(tracer.sent() > count as u64 && tracer.lost() == 0, "{tracer:?}");
    assert_eq!(tracer.find(ID).len(), count);
    let (_, cookie) = cookie.split_once('=').unwrap();
    for (text, secret) in texts
        .iter()
        .flat_map(|text| [canary, PASSWORD, &token, cookie, OPERATOR].map(|secret| (text, secret)))
    {
        assert!(text.contains("/v1/t/{tenant}/members"), "the requests are there");
        assert!(!text.contains(secret), "a secret is in {text}");
    }
}
