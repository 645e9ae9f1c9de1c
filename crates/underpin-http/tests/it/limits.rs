//! Bodies, panics, time and places.

use std::{convert::Infallible, time::Duration};

use axum::{body::Body, http::Request};
use bytes::Bytes;
use futures_util::stream;
use serde_json::json;
use underpin_http::ApiSettings;

use crate::stage::{Stage, With as _, get, post};

fn body(body: Body) -> Request<Body> {
    Request::post("/v1/session").header("content-type", "application/json").body(body).unwrap()
}

#[tokio::test]
async fn a_body_too_large_is_refused_by_its_header_and_without_one() {
    let stage = Stage::new().await;
    let header = body(Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()));
    let refused = stage.ask(header.with("content-length", "1048577")).await;
    assert_eq!(refused.code(), "too_large");
    let endless = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(&[b'['; 4096])));
    assert_eq!(stage.ask(body(Body::from_stream(endless))).await.code(), "too_large");
}

#[tokio::test]
async fn a_body_that_stops_is_refused_after_its_time() {
    let settings =
        ApiSettings { body_timeout: Duration::from_millis(50), ..ApiSettings::default() };
    let stage = Stage::with(settings).await;
    let stops = body(Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()));
    let refused = stage.ask(stops).await;
    assert_eq!((refused.code().as_str(), refused.status.as_u16()), ("body_timeout", 408));
}

#[tokio::test]
async fn malformed_json_says_where_and_a_wrong_field_its_name() {
    let stage = Stage::new().await;
    let broken = stage.ask(body("{\"email\": \"a\",\n!".into())).await;
    assert_eq!(broken.code(), "malformed");
    assert_eq!(broken.json()["detail"], "no JSON at line 2, column 1");
    for (json, field, code) in [
        (json!({ "password": "x", "delivery": "token" }), "email", "missing"),
        (json!({ "email": 5, "password": "x", "delivery": "token" }), "email", "bad_value"),
        (json!({ "email": "a@b", "password": "x", "delivery": "pigeon" }), "delivery", "bad_value"),
        (json!({ "email": "ab", "password": "x", "delivery": "token" }), "email", "bad_email"),
        (
            json!({ "email": "a\u{0}@b", "password": "x", "delivery": "token" }),
            "email",
            "bad_email",
        ),
        (json!({ "email": "a@b", "password": "x", "delivery": "token", "z": 1 }), "z", "unknown"),
    ] {
        let refused = stage.ask(post("/v1/session", &json)).await;
        assert_eq!(refused.code(), "invalid", "{json}");
        assert_eq!(refused.json()["errors"][0]["field"], field, "{json}");
        assert_eq!(refused.json()["errors"][0]["code"], code, "{json}");
    }
    let plain = Request::post("/v1/session").body(Body::from("{}")).unwrap();
    assert_eq!(stage.ask(plain).await.code(), "media_type");
    assert_eq!(stage.ask(body(Body::empty())).await.code(), "malformed");
}

#[tokio::test]
async fn a_panic_is_a_problem_without_its_text() {
    let stage = Stage::new().await;
    let answer = stage.ask(get("/v1/test/panics")).await;
    assert_eq!(answer.code(), "internal");
    assert!(!answer.text.contains("secret"), "{answer:?}");
    assert_eq!(stage.ask(get("/livez")).await.text, "ok");
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_only_proxies_may_give_one() {
    let settings = ApiSettings {
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        ..ApiSettings::default()
    };
    let stage = Stage::with(settings).await;
    for path in ["/livez", "/v1/deployment", "/v1/nothing", "/v1/session", "/v1/test/panics"] {
        let own = stage.ask(get(path).with("x-request-id", "planted-by-a-client")).await;
        let id = own.headers["x-request-id"].to_str().unwrap();
        assert!(id.parse::<underpin_base::RequestId>().is_ok(), "{path}: {id}");
        let given = get(path).with("x-request-id", "edge-0001").from("10.1.2.3:443");
        assert_eq!(stage.ask(given).await.headers["x-request-id"], "edge-0001", "{path}");
    }
}

#[tokio::test]
async fn a_handler_that_hangs_is_ended_and_an_unhurried_one_is_not() {
    let settings =
        ApiSettings { request_timeout: Duration::from_millis(200), ..ApiSettings::default() };
    let stage = Stage::with(settings).await;
    let hung = stage.ask(get("/v1/test/hangs")).await;
    assert_eq!(hung.code(), "unavailable");
    assert!(hung.headers.contains_key("retry-after"));
    assert_eq!(stage.ask(get("/v1/test/takes-its-time")).await.text, "done");
}

#[tokio::test]
async fn one_request_too_many_is_told_to_come_back_and_health_answers_still() {
    let stage = Stage::with(ApiSettings { in_flight_max: 1, ..ApiSettings::default() }).await;
    let hangs = stage.open(get("/v1/test/hangs"));
    tokio::pin!(hangs);
    // Polled once, it holds the only place.
    assert!(futures_util::poll!(&mut hangs).is_pending());
    let refused = stage.ask(get("/v1/deployment")).await;
    assert_eq!(refused.code(), "unavailable");
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(stage.ask(get("/livez")).await.status, 200);
    let health = stage.ask(get("/health")).await.json();
    assert_eq!(health["status"], "degraded");
}

#[tokio::test]
async fn a_process_that_fills_up_lets_in_what_matters_more() {
    let stage = Stage::with(ApiSettings { in_flight_max: 8, ..ApiSettings::default() }).await;
    // What each would be answered if it were let in.
    let ask = async |path: &str, body: Option<&str>| match body {
        None => stage.ask(get(path)).await.status.as_u16(),
        Some(text) => stage.ask(post(path, &json!(text))).await.status.as_u16(),
    };
    let asked = async || {
        [
            ask("/v1/test/reads-much", None).await,
            ask("/v1/openapi.json", None).await,
            ask("/v1/t/north/test/things", Some("")).await,
            ask("/v1/session", None).await,
            ask("/livez", None).await,
        ]
    };
    assert_eq!(asked().await, [200, 200, 401, 401, 200]);
    let mut held = Vec::new();
    for (holds, expected) in [
        (4, [503, 200, 401, 401, 200]),
        (6, [503, 503, 401, 401, 200]),
        (7, [503, 503, 503, 401, 200]),
        (8, [503, 503, 503, 503, 200]),
    ] {
        while held.len() < holds {
            // A sign-in whose body does not come holds a place of any rank.
            let endless = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
            let mut hangs = Box::pin(stage.open(body(endless)));
            assert!(futures_util::poll!(&mut hangs).is_pending());
            held.push(hangs);
        }
        assert_eq!(asked().await, expected, "{holds} of 8 places are taken");
    }
    drop(held);
    assert_eq!(asked().await, [200, 200, 401, 401, 200]);
}

#[tokio::test]
async fn readiness_follows_the_database_and_the_drain() {
    let stage = Stage::new().await;
    let status = async |path: &str| stage.ask(get(path)).await.status.as_u16();
    assert_eq!([status("/readyz").await, status("/startupz").await], [200, 503]);
    stage.api.health.set_started();
    assert_eq!(status("/startupz").await, 200);
    stage.db.db.close();
    underpin_testkit::until("the probe sees it", async || {
        (status("/readyz").await == 503).then_some(())
    })
    .await;
    assert_eq!([status("/livez").await, status("/health").await], [200, 503]);
}
