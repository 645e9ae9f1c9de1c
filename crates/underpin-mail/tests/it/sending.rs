use std::time::Duration;

use underpin_base::{Principal, TenantId};
use underpin_db::Scope;
use underpin_jobs::JobState;
use underpin_mail::{Letter, Mailer, Outlet, SmtpSettings};
use underpin_testkit::until;

use crate::{
    relay::{Cover, Manner, Relay},
    stage::{Stage, letter, towards},
};

async fn stage() -> (Relay, Stage) {
    let relay = Relay::start(Cover::None).await;
    let stage = Stage::new(Outlet::Smtp(towards(&relay))).await;
    stage.work();
    (relay, stage)
}

async fn mails(relay: &Relay, count: usize) -> Vec<String> {
    until(&format!("{count} mails arrived"), async || {
        let mails = relay.mails();
        (mails.len() >= count).then_some(mails)
    })
    .await
}

fn header<'m>(mail: &'m str, name: &str) -> &'m str {
    let line = mail.lines().find(|line| line.starts_with(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no {name} in:\n{mail}"))
}

#[tokio::test]
async fn a_mail_leaves_if_its_cause_is_committed_and_only_then() {
    let (relay, stage) = stage().await;
    stage.post_in_vain(&letter("vain", "eve")).await;
    assert!(stage.post(&letter("one", "ada")).await.unwrap());
    let mail = mails(&relay, 1).await.remove(0);
    assert!(header(&mail, "To").contains("ada@example.com"));
    assert!(header(&mail, "From").contains("no-reply@platform.test"));
    assert_eq!(header(&mail, "Auto-Submitted"), "Auto-Submitted: auto-generated");
    assert!(header(&mail, "Message-ID").ends_with("@platform.test>"));
    assert!(header(&mail, "Subject").contains("=?utf-8?"), "{mail}");
    assert!(mail.contains("multipart/alternative") && mail.contains("text/html"));
    assert!(mail.contains("\r\n.A line with a dot"), "{mail}");
    stage.job(JobState::Done).await;
    assert_eq!(stage.rows().await, [(true, false, None, false)], "what it said is gone");
    assert_eq!(relay.conversations(), 1, "nothing of what was rolled back");
}

#[tokio::test]
async fn a_key_is_mailed_once_and_each_tenant_has_its_own_keys() {
    let (relay, stage) = stage().await;
    assert!(stage.post(&letter("one", "ada")).await.unwrap());
    assert!(!stage.post(&letter("one", "bob")).await.unwrap());
    let other = Principal { tenant: TenantId::new(), ..stage.principal };
    assert!(stage.post_as(other, &letter("one", "sue")).await.unwrap());
    let account = Scope::Account(stage.principal.subject);
    assert!(stage.post_as(account.clone(), &letter("one", "cyd")).await.unwrap());
    assert!(!stage.post_as(account, &letter("one", "dan")).await.unwrap());
    let mails = mails(&relay, 3).await.concat();
    for (name, expected) in
        [("ada", true), ("sue", true), ("cyd", true), ("bob", false), ("dan", false)]
    {
        assert_eq!(mails.contains(&format!("{name}@example.com")), expected, "{name}");
    }
}

#[tokio::test]
async fn many_rivals_post_one_mail() {
    let (relay, stage) = stage().await;
    let (letter, stage) = (&letter("one", "ada"), &stage);
    let (a, b, c) = tokio::join!(stage.post(letter), stage.post(letter), stage.post(letter));
    let posted = [a, b, c].into_iter().filter(|posted| *posted.as_ref().unwrap()).count();
    assert_eq!(posted, 1);
    stage.job(JobState::Done).await;
    assert_eq!(relay.mails().len(), 1);
}

#[tokio::test]
async fn what_a_relay_puts_off_comes_again() {
    let (relay, stage) = stage().await;
    relay.next(&[Manner::Greylists, Manner::Greylists]);
    stage.post(&letter("one", "ada")).await.unwrap();
    for _ in 0..2 {
        stage.pass_time().await;
    }
    mails(&relay, 1).await;
    let job = stage.job(JobState::Done).await;
    assert_eq!((job.errors, relay.conversations()), (2, 3));
}

#[tokio::test]
async fn what_a_relay_refuses_for_good_is_a_dead_letter_with_its_words() {
    let (relay, stage) = stage().await;
    relay.next(&[Manner::Refuses]);
    stage.post(&letter("one", "ada")).await.unwrap();
    let job = stage.job(JobState::Dead).await;
    let error = job.error().unwrap();
    assert_eq!(error.code, "refused");
    assert!(error.message.contains("nobody of that name"), "{error:?}");
    let (sent, refused, reason, _) = stage.rows().await.remove(0);
    assert!(!sent && refused && reason.unwrap().contains("nobody of that name"));
    assert_eq!((relay.mails().len(), relay.conversations()), (0, 1));
}

#[tokio::test]
async fn a_relay_that_hangs_up_gets_the_mail_again_under_the_same_id() {
    let (relay, stage) = stage().await;
    relay.next(&[Manner::HangsUp, Manner::TakesAndHangsUp]);
    stage.post(&letter("one", "ada")).await.unwrap();
    for _ in 0..2 {
        stage.pass_time().await;
    }
    let mails = mails(&relay, 2).await;
    assert_eq!(header(&mails[0], "Message-ID"), header(&mails[1], "Message-ID"));
    stage.job(JobState::Done).await;
}

#[tokio::test]
async fn a_silent_relay_is_left_in_time_and_rested_after_five() {
    let relay = Relay::start(Cover::None).await;
    let settings = SmtpSettings { timeout: Duration::from_secs(1), ..towards(&relay) };
    let stage = Stage::new(Outlet::Smtp(settings)).await;
    stage.work();
    relay.next(&[Manner::Silent; 5]);
    stage.post(&letter("one", "ada")).await.unwrap();
    for _ in 0..5 {
        stage.pass_time().await;
    }
    // The sixth try finds the relay resting: it snoozes, and that is no error.
    let job = stage.job(JobState::Deferred).await;
    until("the job snoozes", async || {
        let job = stage.jobs().await.into_iter().next()?;
        (job.state == JobState::Deferred && job.errors == 5).then_some(())
    })
    .await;
    assert_eq!(relay.conversations(), 5, "{job:?}");
}

#[tokio::test]
async fn an_account_that_the_relay_does_not_know_says_nothing_about_the_mail() {
    let (relay, stage) = stage().await;
    relay.next(&[Manner::KnowsNobody]);
    stage.post(&letter("one", "ada")).await.unwrap();
    stage.pass_time().await;
    mails(&relay, 1).await;
}

#[tokio::test]
async fn a_mail_that_is_too_late_is_not_sent() {
    let relay = Relay::start(Cover::None).await;
    let stage = Stage::new(Outlet::Smtp(towards(&relay))).await;
    let expires_at = Some(stage.now() + Duration::from_mins(30));
    stage.post(&Letter { expires_at, ..letter("one", "ada") }).await.unwrap();
    stage.clock.advance(Duration::from_mins(30));
    stage.work();
    let job = stage.job(JobState::Dead).await;
    assert_eq!(job.error().unwrap().code, "expired");
    assert_eq!(relay.conversations(), 0);
}

#[tokio::test]
async fn an_address_that_is_none_ends_as_a_dead_letter() {
    let (relay, stage) = stage().await;
    let to = "a b@example.com\r\nRCPT TO:<x@y>".to_owned();
    stage.post(&Letter { to, ..letter("one", "ada") }).await.unwrap();
    let job = stage.job(JobState::Dead).await;
    assert_eq!(job.error().unwrap().code, "bad_address");
    assert_eq!(relay.conversations(), 0);
}

#[tokio::test]
async fn a_mail_that_another_secret_sealed_ends_as_a_dead_letter() {
    let relay = Relay::start(Cover::None).await;
    let mut stage = Stage::new(Outlet::Smtp(towards(&relay))).await;
    stage.post(&letter("one", "ada")).await.unwrap();
    let clock = std::sync::Arc::new(stage.clock.clone());
    let outlet = Outlet::Smtp(towards(&relay));
    stage.mailer = Mailer::new(stage.test.db.clone(), clock, b"another secret", &outlet).unwrap();
    stage.work();
    let job = stage.job(JobState::Dead).await;
    assert_eq!(job.error().unwrap().code, "sealed");
    assert_eq!(relay.conversations(), 0);
}

#[tokio::test]
async fn without_an_outlet_nothing_is_posted() {
    let stage = Stage::new(Outlet::Off).await;
    assert!(!stage.mailer.is_on());
    assert!(!stage.post(&letter("one", "ada")).await.unwrap());
    assert!(stage.rows().await.is_empty() && stage.jobs().await.is_empty());
}

#[tokio::test]
async fn old_mails_are_swept() {
    let stage = Stage::new(Outlet::Mailbox).await;
    stage.post(&letter("one", "ada")).await.unwrap();
    assert_eq!(stage.mailer.sweep(stage.now(), 10).await.unwrap(), 0);
    let later = stage.now() + Duration::from_secs(1);
    assert_eq!(stage.mailer.sweep(later, 10).await.unwrap(), 1);
}
