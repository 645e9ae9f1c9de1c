//! API keys: what they open, and what stays shut.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    live::client::{Client, Served},
    stage::{Answer, Stage, With as _, get, post, send},
};

async fn create(stage: &Stage, token: &str, scopes: &[&str]) -> Answer {
    let body = json!({ "name": "Nightly", "role": "admin", "scopes": scopes });
    stage.ask(post("/v1/t/north/api-keys", &body).bearer(token)).await
}

async fn key(stage: &Stage, scopes: &[&str]) -> String {
    let answer = create(stage, &stage.token("ada").await, scopes).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_is_shown_once_listed_without_its_token_and_revoked() {
    let stage = Stage::new().await;
    let ada = stage.token("ada").await;
    let made = create(&stage, &ada, &["things:write", "tenant:read", "tenant:read"]).await.json();
    assert_eq!(made["scopes"], json!(["tenant:read", "things:write"]));
    let token = made["token"].as_str().unwrap();
    let list = stage.ask(get("/v1/t/north/api-keys").bearer(&ada)).await;
    assert!(!list.text.contains(token), "{}", list.text);
    let item = &list.json()["items"][0];
    assert_eq!((&item["id"], &item["created_by"]["name"]), (&made["id"], &json!("ada")));
    assert_eq!(stage.ask(get("/v1/t/north").bearer(token)).await.status, StatusCode::OK);
    let path = format!("/v1/t/north/api-keys/{}", made["id"].as_str().unwrap());
    let sue = stage.token("sue").await;
    let foreign = stage.ask(send("DELETE", &path, &Value::Null).bearer(&sue)).await;
    assert_eq!(foreign.code(), "not_found");
    let cyd = stage.token("cyd").await;
    let staff = stage.ask(send("DELETE", &path, &Value::Null).bearer(&cyd)).await;
    assert_eq!(staff.code(), "forbidden");
    let revoked = stage.ask(send("DELETE", &path, &Value::Null).bearer(&ada)).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    let dead = stage.ask(get("/v1/t/north").bearer(token)).await;
    assert_eq!(dead.code(), "unauthenticated");
    assert_eq!(
        stage.ask(send("DELETE", &path, &Value::Null).bearer(&ada)).await.code(),
        "not_found"
    );
}

#[tokio::test]
async fn what_is_no_key_is_refused_with_its_field() {
    let stage = Stage::new().await;
    let ada = stage.token("ada").await;
    for (body, field) in [
        (json!({ "name": "", "role": "admin", "scopes": ["things:read"] }), "name"),
        (json!({ "name": "x", "role": "owner", "scopes": ["things:read"] }), "role"),
        (json!({ "name": "x", "role": "member", "scopes": [] }), "scopes"),
        (json!({ "name": "x", "role": "member", "scopes": ["wallet:read"] }), "scopes"),
        (
            json!({ "name": "x", "role": "member", "scopes": ["things:read"], "expires_at": "2001-01-01T00:00:00Z" }),
            "expires_at",
        ),
    ] {
        let answer = stage.ask(post("/v1/t/north/api-keys", &body).bearer(&ada)).await;
        assert_eq!(answer.code(), "invalid", "{body}");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{body}");
    }
    let scopes = stage.ask(get("/v1/t/north/api-scopes").bearer(&ada)).await.json();
    assert_eq!(
        scopes["items"],
        json!([
            "files:read",
            "files:write",
            "tenant:read",
            "tenant:write",
            "things:read",
            "things:write"
        ])
    );
}

#[tokio::test]
async fn scopes_decide_by_area_and_method() {
    let stage = Stage::new().await;
    let thing = |name: &str| {
        post("/v1/t/north/test/things", &json!({ "name": name })).with("idempotency-key", name)
    };
    let invite = json!({ "email": "x@example.com", "role": "member" });
    for (scopes, reads, writes, makes) in [
        (&["tenant:read"][..], 200, 403, 403),
        (&["tenant:write"], 403, 201, 403),
        (&["things:write"], 403, 403, 201),
        (&["things:read"], 403, 403, 403),
        (&["tenant:read", "tenant:write", "things:write"], 200, 201, 201),
    ] {
        let key = key(&stage, scopes).await;
        let read = stage.ask(get("/v1/t/north/members").bearer(&key)).await;
        assert_eq!(read.status.as_u16(), reads, "{scopes:?}");
        let write = stage.ask(post("/v1/t/north/invites", &invite).bearer(&key)).await;
        assert_eq!(write.status.as_u16(), writes, "{scopes:?}");
        let make = stage.ask(thing(&scopes.concat()).bearer(&key)).await;
        assert_eq!(make.status.as_u16(), makes, "{scopes:?} {make:?}");
        if makes == 403 {
            assert_eq!(make.code(), "forbidden");
            assert!(make.text.contains("things:write"), "it says what is lacking");
        }
    }
}

#[tokio::test]
async fn a_key_is_no_person_and_knows_one_tenant() {
    let stage = Stage::new().await;
    let key = key(&stage, &["tenant:read", "tenant:write", "things:read", "things:write"]).await;
    for path in ["/v1/session", "/v1/sessions", "/v1/second-factor", "/v1/audit-trail"] {
        assert_eq!(stage.ask(get(path).bearer(&key)).await.code(), "forbidden", "{path}");
    }
    let more = create(&stage, &key, &["things:read"]).await;
    assert_eq!(more.code(), "forbidden", "a key makes no keys");
    let policy = send("PUT", "/v1/t/north/second-factor-policy", &json!({ "required": false }));
    assert_eq!(stage.ask(policy.bearer(&key)).await.code(), "forbidden");
    for path in ["/v1/t/south", "/v1/t/nowhere"] {
        assert_eq!(stage.ask(get(path).bearer(&key)).await.code(), "not_found", "{path}");
    }
    let cookie = format!("underpin-session={key}");
    let planted = stage.ask(get("/v1/t/north").with("cookie", &cookie)).await;
    assert_eq!(planted.code(), "unauthenticated", "a key is no cookie");
    for junk in ["uk_", "uk_x", &key[3..], &format!("{key}A")] {
        let answer = stage.ask(get("/v1/t/north").bearer(junk)).await;
        assert_eq!(answer.code(), "unauthenticated", "{junk}");
    }
}

#[tokio::test]
async fn a_key_hears_of_what_it_may_read_until_it_is_revoked() {
    let stage = Stage::new().await;
    stage.sequence();
    let served = Served::start(&stage.router, &stage.stop);
    let ada = stage.token("ada").await;
    let made = create(&stage, &ada, &["tenant:read"]).await.json();
    let token = made["token"].as_str().unwrap();
    let mut client = Client::joined(&served, "north", token, "news").await;
    let refused = client.ask(&json!({ "op": "join", "room": "workshop" })).await;
    let expected = json!({ "op": "refused", "room": "workshop", "code": "not_found" });
    assert_eq!(refused, expected, "of an area that it may not read");
    let both = key(&stage, &["tenant:read", "things:read"]).await;
    Client::joined(&served, "north", &both, "workshop").await;
    let path = format!("/v1/t/north/api-keys/{}", made["id"].as_str().unwrap());
    stage.ask(send("DELETE", &path, &Value::Null).bearer(&ada)).await;
    assert_eq!(client.closed().await, (4401, "unauthenticated".to_owned()));
}
