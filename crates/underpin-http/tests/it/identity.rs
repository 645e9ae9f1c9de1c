//! Tenants, members and invites.

use axum::http::StatusCode;
use serde_json::{Value, json};
use underpin_http::ApiSettings;

use crate::stage::{PASSWORD, Stage, With as _, email, get, post, send};

#[tokio::test]
async fn a_foreign_tenant_is_the_same_as_none() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let own = stage.ask(get("/v1/t/north").bearer(&token)).await;
    assert_eq!(own.json()["currency"], "USD");
    let foreign = stage.ask(get("/v1/t/south").bearer(&token)).await;
    assert_eq!(foreign.code(), "not_found");
    for slug in ["nowhere", "%00", "NORTH", "north%2F..", "x", "%ff"] {
        let none = stage.ask(get(&format!("/v1/t/{slug}")).bearer(&token)).await;
        assert_eq!(none.without_instance(), foreign.without_instance(), "{slug}");
    }
    for path in ["members", "invites", "jobs/0192f0c1-0000-7000-8000-000000000000"] {
        let answer = stage.ask(get(&format!("/v1/t/south/{path}")).bearer(&token)).await;
        assert_eq!(answer.without_instance(), foreign.without_instance(), "{path}");
    }
    assert_eq!(stage.ask(get("/v1/t/north")).await.code(), "unauthenticated");
}

#[tokio::test]
async fn each_role_may_what_the_page_says() {
    let stage = Stage::new().await;
    for (name, tenant, members, invites) in [
        ("ada", 200, 200, 200),
        ("bob", 200, 200, 200),
        ("cyd", 200, 200, 403),
        ("ivy", 200, 403, 403),
        ("sue", 404, 404, 404),
    ] {
        let token = stage.token(name).await;
        for (path, expected) in [
            ("/v1/t/north", tenant),
            ("/v1/t/north/members", members),
            ("/v1/t/north/invites", invites),
        ] {
            let answer = stage.ask(get(path).bearer(&token)).await;
            assert_eq!(answer.status.as_u16(), expected, "{name} {path}");
        }
        let body = json!({ "email": "x@example.com", "role": "member" });
        let answer = stage.ask(post("/v1/t/north/invites", &body).bearer(&token)).await;
        let expected = if invites == 200 { 201 } else { invites };
        assert_eq!(answer.status.as_u16(), expected, "{name} invites");
    }
}

#[tokio::test]
async fn members_come_in_pages_and_a_cursor_is_good_for_its_list_only() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let list = async |query: &str| {
        stage.ask(get(&format!("/v1/t/north/members?{query}")).bearer(&token)).await
    };
    let first = list("limit=3").await.json();
    assert_eq!(first["items"].as_array().unwrap().len(), 3);
    let cursor = first["next"].as_str().unwrap();
    let second = list(&format!("limit=3&cursor={cursor}")).await.json();
    assert_eq!(second["items"][0]["user"]["email"], "ivy@example.com");
    assert_eq!(second["next"], Value::Null);
    for bad in [cursor.replace('.', "x"), "junk".into(), "%00".into(), "x".repeat(3_000)] {
        assert_eq!(list(&format!("cursor={bad}")).await.code(), "bad_cursor", "{bad}");
    }
    let other = format!("/v1/t/north/invites?cursor={cursor}");
    assert_eq!(stage.ask(get(&other).bearer(&token)).await.code(), "bad_cursor");
    let sue = stage.token("sue").await;
    let other = format!("/v1/t/south/members?cursor={cursor}");
    assert_eq!(stage.ask(get(&other).bearer(&sue)).await.code(), "bad_cursor");
    for limit in ["0", "201", "-1", "x", "99999999999"] {
        let refused = list(&format!("limit={limit}")).await;
        assert_eq!(refused.code(), "invalid", "{limit}");
        assert_eq!(refused.json()["errors"][0]["field"], "limit");
    }
}

#[tokio::test]
async fn roles_change_and_the_last_owner_stays() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let path = async |name: &str| {
        format!("/v1/t/north/members/{}", stage.principal("north", name).await.subject)
    };
    let change = async |path: &str, role: &str| {
        stage.ask(send("PATCH", path, &json!({ "role": role })).bearer(&token)).await
    };
    let (ada, cyd) = (path("ada").await, path("cyd").await);
    assert_eq!(change(&cyd, "admin").await.json()["role"], "admin");
    assert_eq!(change(&ada, "member").await.code(), "last_owner");
    let removed = stage.ask(send("DELETE", &ada, &json!(null)).bearer(&token)).await;
    assert_eq!(removed.code(), "last_owner");
    for role in ["service", "king", ""] {
        let refused = change(&cyd, role).await;
        assert_eq!(refused.json()["errors"][0]["field"], "role", "{role}");
    }
    let sue = stage.principal("south", "sue").await.subject;
    let foreign = change(&format!("/v1/t/north/members/{sue}"), "member").await;
    let junk = change("/v1/t/north/members/junk", "member").await;
    assert_eq!(foreign.code(), "not_found");
    assert_eq!(foreign.without_instance(), junk.without_instance());
    let removed = stage.ask(send("DELETE", &cyd, &json!(null)).bearer(&token)).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    let again = stage.ask(send("DELETE", &cyd, &json!(null)).bearer(&token)).await;
    assert_eq!(again.code(), "not_found");
}

#[tokio::test]
async fn an_invite_lives_from_its_link_to_a_session() {
    let public_url = Some("https://app.example.com".to_owned());
    let stage = Stage::with(ApiSettings { public_url, ..ApiSettings::default() }).await;
    let token = stage.token("ada").await;
    let body = json!({ "email": "New@Example.com", "role": "member" });
    let created = stage.ask(post("/v1/t/north/invites", &body).bearer(&token)).await;
    assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
    let link = created.json()["link"].as_str().unwrap().to_owned();
    let secret = link.strip_prefix("https://app.example.com/invite#").unwrap();
    let listed = stage.ask(get("/v1/t/north/invites").bearer(&token)).await;
    assert_eq!(listed.json()["items"][0]["invited_by"]["name"], "ada");
    assert!(!listed.text.contains(secret), "the link is shown once");

    let view = stage.ask(post("/v1/invites/lookup", &json!({ "token": secret }))).await.json();
    assert_eq!(view["tenant"]["name"], "The north");
    assert_eq!(view["known"], false);
    let accept = async |password: &str| {
        let body = json!({ "token": secret, "name": "New Person", "password": password });
        stage.ask(post("/v1/invites/accept", &body)).await
    };
    assert_eq!(accept("short").await.json()["errors"][0]["field"], "password");
    let joined = accept(PASSWORD).await;
    assert_eq!(joined.status, StatusCode::CREATED);
    assert_eq!(joined.json()["memberships"][0]["role"], "member");
    let cookie = joined.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let me = stage.ask(get("/v1/t/north/members").with("cookie", cookie)).await;
    assert_eq!(me.json()["items"].as_array().unwrap().len(), 5);
    assert_eq!(accept(PASSWORD).await.code(), "not_found");
    let again = stage.ask(post("/v1/t/north/invites", &body).bearer(&token)).await;
    assert_eq!(again.code(), "already_member");
}

#[tokio::test]
async fn a_revoked_an_expired_and_an_invented_invite_are_the_same() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let invite = async |name: &str| {
        let body = json!({ "email": email(name), "role": "member" });
        let created = stage.ask(post("/v1/t/north/invites", &body).bearer(&token)).await.json();
        let link = created["link"].as_str().unwrap().to_owned();
        (created["id"].as_str().unwrap().to_owned(), link.split_once('#').unwrap().1.to_owned())
    };
    let (id, revoked) = invite("one").await;
    let path = format!("/v1/t/north/invites/{id}");
    let delete = || send("DELETE", &path, &json!(null)).bearer(&token);
    assert_eq!(stage.ask(delete()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(stage.ask(delete()).await.code(), "not_found");
    let (_, expired) = invite("two").await;
    stage.clock.advance(std::time::Duration::from_hours(7 * 24));
    let mut answers = Vec::new();
    // A session's token is no invite's.
    for secret in [&revoked, &expired, &token, "junk"] {
        let lookup = stage.ask(post("/v1/invites/lookup", &json!({ "token": secret }))).await;
        assert_eq!(lookup.code(), "not_found", "{secret}");
        let body = json!({ "token": secret, "name": "x", "password": PASSWORD });
        let accept = stage.ask(post("/v1/invites/accept", &body)).await;
        answers.extend([lookup.without_instance(), accept.without_instance()]);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
}

#[tokio::test]
async fn a_job_that_is_not_there_is_404() {
    let stage = Stage::new().await;
    let token = stage.token("cyd").await;
    for job in ["0192f0c1-0000-7000-8000-000000000000", "junk"] {
        let answer = stage.ask(get(&format!("/v1/t/north/jobs/{job}")).bearer(&token)).await;
        assert_eq!(answer.code(), "not_found", "{job}");
    }
    let ivy = stage.token("ivy").await;
    let path = "/v1/t/north/jobs/0192f0c1-0000-7000-8000-000000000000";
    assert_eq!(stage.ask(get(path).bearer(&ivy)).await.code(), "forbidden");
}
