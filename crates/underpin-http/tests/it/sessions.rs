//! Signing in and out, as browsers and programs do.

use axum::http::StatusCode;
use serde_json::json;
use underpin_http::ApiSettings;

use crate::stage::{PASSWORD, Stage, With as _, email, get, post, send};

#[tokio::test]
async fn a_browser_signs_in_with_a_cookie_and_out_again() {
    let stage = Stage::new().await;
    let cookie = stage.cookie("ada").await;
    let me = stage.ask(get("/v1/session").with("cookie", &cookie)).await;
    assert_eq!(me.status, StatusCode::OK);
    let me = me.json();
    assert_eq!(me["user"]["email"], "ada@example.com");
    assert_eq!(me["memberships"][0]["tenant"]["slug"], "north");
    assert_eq!(me["memberships"][0]["role"], "owner");
    let out = send("DELETE", "/v1/session", &json!(null)).with("cookie", &cookie);
    let out = stage.ask(out.with("sec-fetch-site", "same-origin")).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    let after = stage.ask(get("/v1/session").with("cookie", &cookie)).await;
    assert_eq!(after.code(), "unauthenticated");
    assert_eq!(after.headers["www-authenticate"], "Bearer");
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_and_one_can_be_ended() {
    let stage = Stage::new().await;
    let (one, two, three) =
        (stage.token("ada").await, stage.token("ada").await, stage.token("ada").await);
    let listed = stage.ask(get("/v1/sessions").bearer(&one)).await.json();
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    assert_eq!(items.iter().filter(|item| item["current"] == true).count(), 1);
    let other = items.iter().find(|item| item["current"] == false).unwrap()["id"].as_str().unwrap();
    let path = format!("/v1/sessions/{other}");
    let end = stage.ask(send("DELETE", &path, &json!(null)).bearer(&one)).await;
    assert_eq!(end.status, StatusCode::NO_CONTENT);
    let again = stage.ask(send("DELETE", &path, &json!(null)).bearer(&one)).await;
    assert_eq!(again.code(), "not_found");
    let junk = stage.ask(send("DELETE", "/v1/sessions/junk", &json!(null)).bearer(&one)).await;
    assert_eq!(junk.code(), "not_found");
    assert_eq!(junk.without_instance(), again.without_instance());
    let all = stage.ask(send("DELETE", "/v1/sessions", &json!(null)).bearer(&one)).await;
    assert_eq!(all.status, StatusCode::NO_CONTENT);
    for token in [one, two, three] {
        let after = stage.ask(get("/v1/session").bearer(&token)).await;
        assert_eq!(after.code(), "unauthenticated");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_mail_answer_alike() {
    let stage = Stage::new().await;
    let try_as = async |email: String| {
        let body = json!({ "email": email, "password": "not the password", "delivery": "token" });
        stage.ask(post("/v1/session", &body)).await
    };
    let (wrong, unknown) = (try_as(email("ada")).await, try_as(email("nobody")).await);
    assert_eq!(wrong.code(), "wrong_credentials");
    assert_eq!(wrong.without_instance(), unknown.without_instance());
    let names = |answer: &crate::stage::Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(names(&wrong), names(&unknown));
}

#[tokio::test]
async fn too_many_tries_are_told_when_to_come_back() {
    let stage = Stage::new().await;
    let body =
        |password| json!({ "email": email("ada"), "password": password, "delivery": "token" });
    for _ in 0..10 {
        let wrong = stage.ask(post("/v1/session", &body("not the password"))).await;
        assert_eq!(wrong.code(), "wrong_credentials");
    }
    let blocked = stage.ask(post("/v1/session", &body(PASSWORD))).await;
    assert_eq!(blocked.code(), "rate_limited");
    assert_eq!(blocked.headers["retry-after"], "900");
    stage.clock.advance(std::time::Duration::from_mins(15));
    let free = stage.ask(post("/v1/session", &body(PASSWORD))).await;
    assert_eq!(free.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_token_with_one_bit_changed_asks_no_database() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    stage.db.db.close();
    let mut changed = token.clone();
    let last = changed.pop().unwrap();
    changed.push(if last == 'A' { 'E' } else { 'A' });
    let refused = stage.ask(get("/v1/t/north").bearer(&changed)).await;
    assert_eq!(refused.code(), "unauthenticated");
    let away = stage.ask(get("/v1/t/north").bearer(&token)).await;
    assert_eq!(away.code(), "unavailable");
    assert!(away.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn a_planted_cookie_is_dead_after_sign_in() {
    let stage = Stage::new().await;
    let planted = stage.cookie("sue").await;
    let body = json!({ "email": email("ada"), "password": PASSWORD, "delivery": "cookie" });
    let request = post("/v1/session", &body).with("cookie", &planted);
    let signed_in = stage.ask(request.with("sec-fetch-site", "same-origin")).await;
    assert_eq!(signed_in.status, StatusCode::CREATED);
    let dead = stage.ask(get("/v1/session").with("cookie", &planted)).await;
    assert_eq!(dead.code(), "unauthenticated");
}

#[tokio::test]
async fn other_sites_change_nothing() {
    let public_url = Some("https://app.example.com".to_owned());
    let stage = Stage::with(ApiSettings { public_url, ..ApiSettings::default() }).await;
    let cookie = stage.cookie("ada").await;
    assert!(cookie.starts_with("__Host-underpin-session="), "{cookie}");
    let out = || send("DELETE", "/v1/sessions", &json!(null)).with("cookie", &cookie);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.test"),
        ("origin", "null"),
        ("x-nothing", "said"),
    ] {
        let refused = stage.ask(out().with(name, value)).await;
        assert_eq!(refused.code(), "cross_site", "{name}: {value}");
    }
    // Signing somebody in from elsewhere is refused, too; a program says nothing and may.
    let body = json!({ "email": email("ada"), "password": PASSWORD, "delivery": "cookie" });
    let planted = post("/v1/session", &body).with("origin", "https://evil.test");
    assert_eq!(stage.ask(planted).await.code(), "cross_site");
    // Reading is no change; a rubbish Authorization is no way around the cookie's guard.
    let read = get("/v1/session").with("cookie", &cookie).with("sec-fetch-site", "cross-site");
    assert_eq!(stage.ask(read).await.status, StatusCode::OK);
    let around = stage.ask(out().with("authorization", "Basic eDp5")).await;
    assert_eq!(around.code(), "unauthenticated");
    let ours = stage.ask(out().with("origin", "https://app.example.com")).await;
    assert_eq!(ours.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn rubbish_in_headers_is_not_signed_in() {
    let stage = Stage::new().await;
    for (name, value) in [
        ("authorization", ""),
        ("authorization", "Bearer"),
        ("authorization", "Bearer "),
        ("authorization", "Bearer \u{e9}"),
        ("authorization", "Bearer AAAA"),
        ("authorization", "bearer  x  y"),
        ("cookie", ""),
        ("cookie", ";;=;"),
        ("cookie", "underpin-session="),
        ("cookie", "underpin-session=../../etc/passwd"),
        ("cookie", "underpin-session=%00"),
    ] {
        let answer = stage.ask(get("/v1/session").with(name, value)).await;
        assert_eq!(answer.code(), "unauthenticated", "{name}: {value}");
    }
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let stage = Stage::new().await;
    let (here, there) = (stage.token("ada").await, stage.token("ada").await);
    let change = async |current: &str, new: &str| {
        let body = json!({ "current": current, "new": new });
        stage.ask(send("PUT", "/v1/password", &body).bearer(&here)).await
    };
    let wrong = change("not the password", "a better password").await;
    assert_eq!(wrong.code(), "invalid");
    assert_eq!(wrong.json()["errors"][0]["field"], "current");
    assert_eq!(change(PASSWORD, "short").await.json()["errors"][0]["field"], "new");
    assert_eq!(change(PASSWORD, "a better password").await.status, StatusCode::NO_CONTENT);
    assert_eq!(stage.ask(get("/v1/session").bearer(&here)).await.status, StatusCode::OK);
    assert_eq!(stage.ask(get("/v1/session").bearer(&there)).await.code(), "unauthenticated");
}
