//! Passwords that are set anew by mail, and the mailbox of a developer's machine.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use underpin_http::ApiSettings;
use underpin_jobs::{Registry, Runner, RunnerSettings};
use underpin_runtime::Environment;
use underpin_testkit::until;

use crate::stage::{Answer, PASSWORD, Stage, With as _, email, get, post};

const HERE: &str = "127.0.0.1:9";

/// A developer's machine: mails go into the mailbox, and a worker puts them there.
async fn dev() -> Stage {
    let stage =
        Stage::with(ApiSettings { environment: Environment::Dev, ..ApiSettings::default() }).await;
    let mut registry = Registry::new();
    underpin_mail::register(&mut registry, stage.api.identity.mailer().unwrap());
    underpin_identity::register(&mut registry, &stage.api.identity);
    // Held however slow the machine is: each attempt counts.
    let settings = RunnerSettings { lease: Duration::from_hours(1), ..RunnerSettings::default() };
    let runner = Runner::new(stage.db.second_process(), registry, settings);
    tokio::spawn(runner.run(stage.stop.clone()));
    stage
}

async fn mails(stage: &Stage, count: usize) -> Vec<Value> {
    until(&format!("{count} mails are there"), async || {
        let list = stage.ask(get("/v1/dev/mail").from(HERE)).await.json();
        let items = list["items"].as_array().unwrap().clone();
        (items.len() >= count).then_some(items)
    })
    .await
}

async fn ask(stage: &Stage, mail: &str) -> Answer {
    let request = post("/v1/password-resets", &json!({ "email": mail }));
    stage.ask(request.with("host", "evil.test").with("accept-language", "de-AT")).await
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_a_link_that_no_request_can_bend() {
    let stage = dev().await;
    let session = stage.token("ada").await;
    let asked = ask(&stage, &email("ada")).await;
    assert_eq!((asked.status, asked.text.as_str()), (StatusCode::ACCEPTED, ""));
    let mail = mails(&stage, 1).await.remove(0);
    assert_eq!((&mail["to"], &mail["kind"]), (&json!(email("ada")), &json!("identity.reset")));
    assert_eq!(mail["subject"], "Neues Passwort setzen");
    let text = mail["text"].as_str().unwrap();
    assert!(!text.contains("evil.test"), "{text}");
    let (_, rest) = text.split_once("http://app.test/reset#").unwrap();
    let token = rest.lines().next().unwrap();
    let one = stage.ask(get(&format!("/v1/dev/mail/{}", mail["id"].as_str().unwrap())).from(HERE));
    assert!(one.await.json()["html"].as_str().unwrap().contains(token));
    let complete = async |new: &str| {
        let body = json!({ "token": token, "new": new });
        stage.ask(post("/v1/password-resets/complete", &body)).await
    };
    assert_eq!(complete("short").await.json()["errors"][0]["field"], "new");
    assert_eq!(complete("a new battery of horses").await.status, StatusCode::NO_CONTENT);
    assert_eq!(complete("a new battery of horses").await.code(), "not_found");
    assert_eq!(stage.ask(get("/v1/session").bearer(&session)).await.code(), "unauthenticated");
    let body = json!({ "email": email("ada"), "password": PASSWORD });
    assert_eq!(stage.ask(post("/v1/session", &body)).await.code(), "wrong_credentials");
}

#[tokio::test]
async fn known_and_unknown_mails_are_answered_alike() {
    let stage = dev().await;
    let known = ask(&stage, &email("ada")).await;
    let unknown = ask(&stage, &email("nobody")).await;
    let shape = |answer: &Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        (answer.status, answer.text.clone(), names)
    };
    assert_eq!(shape(&known), shape(&unknown));
    for bad in ["", "ada", "a@b@c"] {
        assert_eq!(ask(&stage, bad).await.code(), "invalid", "{bad}");
    }
    for mail in [email("ada"), email("nobody")] {
        for _ in 0..4 {
            assert_eq!(ask(&stage, &mail).await.status, StatusCode::ACCEPTED);
        }
        assert_eq!(ask(&stage, &mail).await.code(), "rate_limited", "{mail}");
    }
}

#[tokio::test]
async fn without_mail_nobody_is_promised_one() {
    let stage = Stage::new().await;
    let answer = ask(&stage, &email("ada")).await;
    assert_eq!(answer.code(), "unavailable");
    assert_eq!(ask(&stage, &email("nobody")).await.without_instance(), answer.without_instance());
}

#[tokio::test]
async fn the_mailbox_is_there_in_dev_for_this_machine_only() {
    let dev = dev().await;
    ask(&dev, &email("ada")).await;
    let id = mails(&dev, 1).await[0]["id"].as_str().unwrap().to_owned();
    let paths = ["/v1/dev/mail".to_owned(), format!("/v1/dev/mail/{id}")];
    let production = Stage::new().await;
    let none = production.ask(get("/v1/dev/nothing").from(HERE)).await;
    for path in &paths {
        assert_eq!(dev.ask(get(path).from(HERE)).await.status, StatusCode::OK);
        let elsewhere = dev.ask(get(path).from("192.0.2.9:9")).await;
        assert_eq!(elsewhere.without_instance(), none.without_instance());
        let absent = production.ask(get(path).from(HERE)).await;
        assert_eq!(absent.without_instance(), none.without_instance(), "as if it were not there");
    }
    let missing = format!("/v1/dev/mail/{}", uuid::Uuid::now_v7());
    assert_eq!(dev.ask(get(&missing).from(HERE)).await.code(), "not_found");
    let cursor = dev.ask(get("/v1/dev/mail?cursor=junk").from(HERE)).await;
    assert_eq!(cursor.code(), "bad_cursor");
}

#[tokio::test]
async fn an_invite_is_mailed_and_still_shows_its_link() {
    let stage = dev().await;
    let ada = stage.token("ada").await;
    let body = json!({ "email": "new@example.com", "role": "member" });
    let invite = stage.ask(post("/v1/t/north/invites", &body).bearer(&ada)).await.json();
    assert_eq!(invite["mailed"], true);
    let link = invite["link"].as_str().unwrap();
    let token = link.split_once('#').unwrap().1;
    let mail = mails(&stage, 1).await.remove(0);
    assert!(mail["text"].as_str().unwrap().contains(&format!("http://app.test/invite#{token}")));
}
