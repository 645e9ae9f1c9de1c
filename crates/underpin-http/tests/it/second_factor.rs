//! Signing in in two steps, over HTTP.

use std::{fmt::Write as _, time::Duration};

use axum::http::{StatusCode, header};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use underpin_base::Clock as _;

use crate::stage::{Answer, PASSWORD, Stage, With as _, email, get, post, send};

/// The code of an authenticator with this base32 secret now.
fn code(stage: &Stage, base32: &str) -> String {
    let mut bits = String::new();
    for letter in base32.chars() {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
        write!(bits, "{value:05b}").unwrap();
    }
    let secret: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    let step = stage.clock.now().as_second() / 30;
    let mac = Hmac::<sha1::Sha1>::new_from_slice(&secret).unwrap();
    let digest = mac.chain_update(step.to_be_bytes()).finalize().into_bytes();
    let at = usize::from(digest[19] & 15);
    let word = u32::from_be_bytes(digest[at..at + 4].try_into().unwrap());
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

async fn sign_in(stage: &Stage, name: &str, delivery: &str) -> Answer {
    let body = json!({ "email": email(name), "password": PASSWORD, "delivery": delivery });
    stage.ask(post("/v1/session", &body)).await
}

async fn answer(stage: &Stage, challenge: &str, code: &str) -> Answer {
    let body = json!({ "challenge": challenge, "code": code });
    stage.ask(post("/v1/session/second-factor", &body)).await
}

/// Give a person a second factor; its secret, and the session that made it.
async fn enrolled(stage: &Stage, name: &str) -> (String, String) {
    let token = stage.token(name).await;
    let body = json!({ "password": PASSWORD });
    let begun = stage.ask(post("/v1/second-factor", &body).bearer(&token)).await;
    assert_eq!(begun.status, StatusCode::CREATED, "{begun:?}");
    let secret = begun.json()["secret"].as_str().unwrap().to_owned();
    let body = json!({ "code": code(stage, &secret) });
    let confirmed = stage.ask(post("/v1/second-factor/confirm", &body).bearer(&token)).await;
    assert_eq!(confirmed.json()["recovery_codes"].as_array().unwrap().len(), 10);
    stage.clock.advance(Duration::from_mins(1));
    (secret, token)
}

#[tokio::test]
async fn a_challenge_comes_in_the_place_of_a_session_and_is_answered_as_it_was_asked() {
    let stage = Stage::new().await;
    let (secret, token) = enrolled(&stage, "ada").await;
    let factor = stage.ask(get("/v1/second-factor").bearer(&token)).await.json();
    assert_eq!((&factor["enabled"], &factor["recovery_codes_left"]), (&json!(true), &json!(10)));
    for delivery in ["cookie", "token"] {
        let asked = sign_in(&stage, "ada", delivery).await;
        assert_eq!(asked.status, StatusCode::CREATED);
        assert!(!asked.headers.contains_key(header::SET_COOKIE));
        let json = asked.json();
        assert_eq!(json["second_factor"], "required");
        let challenge = json["challenge"].as_str().unwrap();
        let none = stage.ask(get("/v1/session").bearer(challenge)).await;
        assert_eq!(none.code(), "unauthenticated", "a challenge is no session");
        assert_eq!(answer(&stage, challenge, "000000").await.code(), "wrong_code");
        let entered = answer(&stage, challenge, &code(&stage, &secret)).await;
        assert_eq!(entered.status, StatusCode::CREATED, "{entered:?}");
        assert_eq!(entered.headers.contains_key(header::SET_COOKIE), delivery == "cookie");
        assert_eq!(entered.json().get("token").is_some(), delivery == "token");
        assert_eq!(entered.json()["second_factor"], true);
        let again = answer(&stage, challenge, &code(&stage, &secret)).await;
        assert_eq!(again.code(), "unauthenticated");
        stage.clock.advance(Duration::from_mins(1));
    }
}

#[tokio::test]
async fn a_tenant_that_wants_it_shuts_out_sessions_without_and_says_why() {
    let stage = Stage::new().await;
    let cyd = stage.token("cyd").await;
    let plain = stage.token("ada").await;
    let policy = |required: bool| {
        send("PUT", "/v1/t/north/second-factor-policy", &json!({ "required": required }))
    };
    let refused = stage.ask(policy(true).bearer(&plain)).await;
    assert_eq!(refused.code(), "second_factor_needed");
    let (_, ada) = enrolled(&stage, "ada").await;
    let set = stage.ask(policy(true).bearer(&ada)).await;
    assert_eq!(set.json(), json!({ "required": true }));
    for path in ["/v1/t/north", "/v1/t/north/members"] {
        let shut = stage.ask(get(path).bearer(&cyd)).await;
        assert_eq!(
            (shut.status, shut.code()),
            (StatusCode::FORBIDDEN, "second_factor_needed".into())
        );
    }
    assert_eq!(stage.ask(get("/v1/session").bearer(&cyd)).await.status, StatusCode::OK);
    let (_, cyd) = enrolled(&stage, "cyd").await;
    assert_eq!(stage.ask(get("/v1/t/north").bearer(&cyd)).await.status, StatusCode::OK);
    let read = stage.ask(get("/v1/t/north/second-factor-policy").bearer(&ada)).await;
    assert_eq!(read.json()["required"], true);
    let bob = enrolled(&stage, "bob").await.1;
    assert_eq!(stage.ask(policy(false).bearer(&bob)).await.code(), "forbidden", "an admin");
}

#[tokio::test]
async fn turning_it_off_names_the_field_that_is_wrong() {
    let stage = Stage::new().await;
    let (secret, token) = enrolled(&stage, "ada").await;
    let off = async |password: &str, code: &str| {
        let body = json!({ "password": password, "code": code });
        stage.ask(post("/v1/second-factor/disable", &body).bearer(&token)).await
    };
    let code = code(&stage, &secret);
    for (password, typed, field) in
        [("not the password", code.as_str(), "password"), (PASSWORD, "123", "code")]
    {
        let refused = off(password, typed).await;
        assert_eq!(refused.json()["errors"][0]["field"], field, "{refused:?}");
    }
    assert_eq!(off(PASSWORD, &code).await.status, StatusCode::NO_CONTENT);
    let signed_in = sign_in(&stage, "ada", "token").await.json();
    assert!(signed_in["token"].is_string(), "{signed_in}");
    let again = stage.ask(post("/v1/second-factor/disable", &Value::Null).bearer(&token)).await;
    assert_eq!(again.code(), "invalid");
}

#[tokio::test]
async fn junk_is_refused_without_a_word_about_accounts() {
    let stage = Stage::new().await;
    for challenge in ["", "junk", &"A".repeat(55)] {
        assert_eq!(answer(&stage, challenge, "000000").await.code(), "unauthenticated");
    }
    for body in [json!({}), json!({ "challenge": 1, "code": "x" }), json!([])] {
        let refused = stage.ask(post("/v1/session/second-factor", &body)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}
