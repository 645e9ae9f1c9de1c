//! Tenants as operators make and remove them.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use underpin_http::operator_router;

use crate::stage::{Answer, OPERATOR, Stage, With as _, post, read, send};

async fn ask(stage: &Stage, request: Request<Body>) -> Answer {
    read(operator_router(stage.api.clone()).oneshot(request.bearer(OPERATOR)).await.unwrap()).await
}

async fn create(stage: &Stage, slug: &str, people: &Value) -> Answer {
    let body = json!({ "slug": slug, "name": "A trial", "currency": "EUR", "people": people });
    ask(stage, post("/ops/v1/tenants", &body)).await
}

async fn delete(stage: &Stage, path: &str) -> Answer {
    ask(stage, send("DELETE", &format!("/ops/v1/tenants/{path}"), &Value::Null)).await
}

fn people(slug: &str) -> Value {
    let person = |name: &str, role: &str| json!({ "email": format!("{name}@{slug}.example"), "name": name, "role": role });
    // The owner is not the first: a tenant's first member must be one all the same.
    json!([person("ann", "admin"), person("oli", "owner"), person("ivo", "investor")])
}

async fn sign_in(stage: &Stage, made: &Value) -> Answer {
    let (email, password) = (&made["email"], &made["password"]);
    let body = json!({ "email": email, "password": password, "delivery": "token" });
    stage.ask(post("/v1/session", &body)).await
}

#[tokio::test]
async fn a_tenant_comes_with_people_who_can_sign_in_and_goes_with_all_it_had() {
    let stage = Stage::new().await;
    let made = create(&stage, "audit-x", &people("audit-x")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let made = made.json();
    assert_eq!(made["currency"], "EUR");
    assert_eq!(made["people"].as_array().map(Vec::len), Some(3));
    let mut tokens = Vec::new();
    for person in made["people"].as_array().unwrap() {
        let session = sign_in(&stage, person).await;
        assert_eq!(session.status, StatusCode::CREATED, "{person}: {session:?}");
        let membership = &session.json()["memberships"][0];
        assert_eq!(membership["tenant"]["slug"], "audit-x");
        assert_eq!(membership["role"], person["role"]);
        tokens.push(session.json()["token"].as_str().unwrap().to_owned());
    }

    let gone = delete(&stage, "audit-x").await;
    assert_eq!(gone.status, StatusCode::OK, "{gone:?}");
    let gone = gone.json();
    let rows = |table: &str| {
        let tables = gone["tables"].as_array().unwrap();
        tables.iter().find(|t| t["table"] == table).map(|t| t["rows"].as_i64().unwrap())
    };
    assert_eq!(rows("underpin.tenant"), Some(1), "{gone}");
    assert_eq!(rows("underpin.member"), Some(3), "{gone}");
    assert_eq!(rows("underpin.user_account"), Some(3), "{gone}");
    let sum: i64 =
        gone["tables"].as_array().unwrap().iter().filter_map(|t| t["rows"].as_i64()).sum();
    assert_eq!(gone["rows"], sum);
    for token in tokens {
        let answer = stage.ask(crate::stage::get("/v1/session").bearer(&token)).await;
        assert_eq!(answer.code(), "unauthenticated");
    }
    assert_eq!(delete(&stage, "audit-x").await.code(), "not_found");
    // Its neighbours are all there.
    stage.token("ada").await;
}

#[tokio::test]
async fn a_tenant_that_is_no_audits_is_removed_only_by_its_name() {
    let stage = Stage::new().await;
    for path in ["north", "north?confirm=south", "north?confirm="] {
        let answer = delete(&stage, path).await;
        assert_eq!(answer.code(), "invalid", "{path}");
        assert_eq!(answer.json()["errors"][0]["field"], "confirm");
    }
    stage.token("ada").await;
    assert_eq!(delete(&stage, "south?confirm=south").await.status, StatusCode::OK);
    assert_eq!(delete(&stage, "south?confirm=south").await.code(), "not_found");
}

#[tokio::test]
async fn a_taken_slug_and_people_without_an_owner_make_nothing() {
    let stage = Stage::new().await;
    assert_eq!(create(&stage, "north", &people("north")).await.code(), "name_taken");
    let person = |role: &str| json!([{ "email": "p@x.example", "name": "P", "role": role }]);
    for (people, field) in [
        (json!([]), "people"),
        (person("admin"), "people"),
        (person("service"), "people.role"),
        (person("emperor"), "people.role"),
    ] {
        let answer = create(&stage, "audit-y", &people).await;
        assert_eq!(answer.code(), "invalid", "{people}");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{people}");
    }
    assert_eq!(delete(&stage, "audit-y").await.code(), "not_found");
}

#[tokio::test]
async fn somebody_with_an_account_keeps_the_password_and_the_other_tenant() {
    let stage = Stage::new().await;
    let ada = json!([{ "email": "ada@example.com", "name": "Ada", "role": "owner" }]);
    let made = create(&stage, "audit-z", &ada).await;
    assert_eq!(made.json()["people"][0]["password"], Value::Null);
    assert_eq!(delete(&stage, "audit-z").await.status, StatusCode::OK);
    stage.token("ada").await;
}

#[tokio::test]
async fn nobody_makes_or_removes_a_tenant_without_the_token() {
    let stage = Stage::new().await;
    let router = operator_router(stage.api.clone());
    let body = json!({ "slug": "audit-w", "name": "W", "people": people("audit-w") });
    for request in [
        post("/ops/v1/tenants", &body),
        send("DELETE", "/ops/v1/tenants/north?confirm=north", &Value::Null),
    ] {
        let answer = read(router.clone().oneshot(request).await.unwrap()).await;
        assert_eq!(answer.code(), "unauthenticated");
    }
    stage.token("ada").await;
}
