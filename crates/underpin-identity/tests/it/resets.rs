use std::time::Duration;

use underpin_base::{Role, Secret};
use underpin_db::watch::Watch;
use underpin_identity::{CreateInvite, Error, Language, Origin, Result};
use underpin_jobs::{JobState, Operator};
use underpin_testkit::until;

use crate::stage::{PASSWORD, Stage, email, page};

const NEW: &str = "another battery of horses";

async fn ask(stage: &Stage, name: &str) -> Result<()> {
    let origin = Origin { language: Language::De, ..Origin::default() };
    stage.identity.request_reset(&email(name), &origin).await
}

async fn complete(stage: &Stage, token: &str, new: &str) -> Result<()> {
    let new = Secret::new(new.to_owned());
    stage.identity.complete_reset(token, new, &Origin::default()).await
}

/// The token of a link in a mail's text.
fn token(text: &str) -> String {
    let (_, rest) = text.split_once("https://app.test/reset#").unwrap_or_else(|| panic!("{text}"));
    rest.lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_link_sets_the_password_once_and_ends_every_session() {
    let stage = Stage::with_mail().await;
    let session = stage.sign_in("ada").await.token;
    ask(&stage, "ada").await.unwrap();
    let mail = stage.mails("ada", 1).await.remove(0);
    assert_eq!(mail.content.subject, "Neues Passwort setzen");
    let link = token(&mail.content.text);
    let short = complete(&stage, &link, "short").await;
    assert!(matches!(short, Err(Error::Invalid { field: "new", .. })), "{short:?}");
    complete(&stage, &link, NEW).await.unwrap();
    assert!(stage.identity.authenticate(session.expose(), None).await.is_err());
    assert!(matches!(complete(&stage, &link, NEW).await, Err(Error::NotFound(_))), "once");
    assert!(stage.try_sign_in(&email("ada"), PASSWORD).await.is_err());
    let signed_in = stage.try_sign_in(&email("ada"), NEW).await.unwrap();
    let told = stage.mails("ada", 2).await.remove(0);
    assert_eq!(told.kind, "identity.password_changed");
    let user = signed_in.session.user.id;
    let trail = stage.identity.account_trail(user, &page(), "trail").await.unwrap();
    let actions: Vec<&str> =
        trail.items.iter().map(|listed| listed.entry.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "session.opened",
            "password.wrong",
            "password.reset",
            "password.reset_requested",
            "session.opened"
        ]
    );
}

#[tokio::test]
async fn two_rivals_with_one_link_set_one_password() {
    let stage = Stage::with_mail().await;
    ask(&stage, "ada").await.unwrap();
    let link = token(&stage.mails("ada", 1).await[0].content.text);
    let (a, b) =
        tokio::join!(complete(&stage, &link, NEW), complete(&stage, &link, "a third password"));
    assert_eq!([&a, &b].iter().filter(|outcome| outcome.is_ok()).count(), 1, "{a:?} {b:?}");
}

#[tokio::test]
async fn a_link_ends_after_half_an_hour_and_with_any_change_of_the_password() {
    let stage = Stage::with_mail().await;
    ask(&stage, "ada").await.unwrap();
    let late = token(&stage.mails("ada", 1).await[0].content.text);
    stage.clock.advance(Duration::from_mins(30));
    assert!(matches!(complete(&stage, &late, NEW).await, Err(Error::NotFound(_))));
    ask(&stage, "ada").await.unwrap();
    ask(&stage, "ada").await.unwrap();
    let mails = stage.mails("ada", 3).await;
    let (one, two) = (token(&mails[0].content.text), token(&mails[1].content.text));
    complete(&stage, &one, NEW).await.unwrap();
    assert!(complete(&stage, &two, NEW).await.is_err(), "the other link");
    ask(&stage, "ada").await.unwrap();
    let mails = stage.mails("ada", 5).await;
    let last = mails.iter().find(|mail| mail.kind == "identity.reset").unwrap();
    let session = stage.try_sign_in(&email("ada"), NEW).await.unwrap().session;
    let (current, new) = (Secret::new(NEW.to_owned()), Secret::new(PASSWORD.to_owned()));
    stage.identity.change_password(&session, current, new, &Origin::default()).await.unwrap();
    assert!(complete(&stage, &token(&last.content.text), NEW).await.is_err());
}

#[tokio::test]
async fn an_unknown_mail_is_answered_with_the_same_work_and_forgotten() {
    let stage = Stage::with_mail().await;
    let mut work = Vec::new();
    for name in ["ada", "nobody"] {
        let watch = Watch::new();
        watch.clone().over(ask(&stage, name)).await.unwrap();
        let seen = watch.seen();
        work.push(seen.iter().map(|seen| (seen.statement.name, seen.runs)).collect::<Vec<_>>());
    }
    assert_eq!(work[0], work[1]);
    stage.mails("ada", 1).await;
    let operator = Operator::new(stage.db.db.clone());
    until("both jobs are done", async || {
        let done = operator.jobs(JobState::Done, None, 10).await.unwrap();
        let resets = done.iter().filter(|job| job.kind == "account.send_reset").count();
        (resets == 2).then_some(())
    })
    .await;
    let sql = "select email_key from underpin.password_reset";
    let rows = stage.db.superuser().await.query(sql, &[]).await.unwrap();
    let kept: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(kept, [email("ada")], "nothing stays of a mail that nobody has");
    let jobs = "select string_agg(payload::text, '') from underpin.job_dead";
    let stored: Option<String> =
        stage.db.superuser().await.query_one(jobs, &[]).await.unwrap().get(0);
    assert_eq!(stored, None);
}

#[tokio::test]
async fn five_requests_from_one_place_are_enough_for_known_and_unknown_mails() {
    let stage = Stage::with_mail().await;
    for name in ["ada", "nobody"] {
        for _ in 0..5 {
            ask(&stage, name).await.unwrap();
        }
        let refused = ask(&stage, name).await;
        assert!(matches!(refused, Err(Error::Throttled { .. })), "{name}: {refused:?}");
        // It says nothing about the tries of a password.
        stage.try_sign_in(&email("ada"), PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn junk_links_ask_nobody_and_without_mail_nobody_is_promised_one() {
    let stage = Stage::new().await;
    assert!(matches!(ask(&stage, "ada").await, Err(Error::NoMail)));
    let session = stage.sign_in("ada").await.token;
    stage.db.db.close();
    for junk in ["", "junk", session.expose()] {
        let refused = complete(&stage, junk, NEW).await;
        assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn an_invite_is_mailed_where_mails_go_anywhere() {
    let stage = Stage::with_mail().await;
    let ada = stage.principal("north", "ada").await;
    let input = CreateInvite {
        email: email("new"),
        role: Role::Member,
        investor: None,
        language: Language::En,
    };
    let invite = stage.identity.create_invite(ada, input.clone()).await.unwrap();
    assert!(invite.mailed);
    let mail = stage.mails("new", 1).await.remove(0);
    assert_eq!(mail.content.subject, "ada invites you to The north");
    let link = format!("https://app.test/invite#{}", invite.token.expose());
    assert!(mail.content.text.contains(&link) && mail.content.html.contains(&link));
    let plain = Stage::new().await;
    let ada = plain.principal("north", "ada").await;
    assert!(!plain.identity.create_invite(ada, input).await.unwrap().mailed);
}
