use underpin_db::Scope;
use underpin_jobs::JobState;
use underpin_mail::Outlet;
use underpin_testkit::until;

use crate::{
    relay::{Cover, Relay},
    stage::{Stage, letter, towards},
};

#[tokio::test]
async fn on_a_developers_machine_mails_are_there_to_be_read() {
    let stage = Stage::new(Outlet::Mailbox).await;
    stage.work();
    stage.post(&letter("one", "ada")).await.unwrap();
    let account = Scope::Account(stage.principal.subject);
    stage.post_as(account, &letter("two", "bob")).await.unwrap();
    let mails = until("both are in the mailbox", async || {
        let mails = stage.mailer.mailbox(None, 10).await.unwrap();
        (mails.len() == 2).then_some(mails)
    })
    .await;
    let [bob, ada] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!((bob.to.as_str(), ada.to.as_str()), ("bob@example.com", "ada@example.com"));
    assert_eq!((bob.tenant, ada.tenant), (None, Some(stage.principal.tenant)));
    assert!(ada.content.text.contains("#secret-token"));
    let older = stage.mailer.mailbox(Some(bob.id), 10).await.unwrap();
    assert_eq!(older.len(), 1);
    let one = stage.mailer.mailed(ada.id).await.unwrap().unwrap();
    assert_eq!(one.content, ada.content);
}

#[tokio::test]
async fn where_mails_are_sent_there_is_no_mailbox() {
    let relay = Relay::start(Cover::None).await;
    let stage = Stage::new(Outlet::Smtp(towards(&relay))).await;
    stage.work();
    stage.post(&letter("one", "ada")).await.unwrap();
    stage.job(JobState::Done).await;
    assert!(!stage.mailer.has_mailbox());
    assert!(stage.mailer.mailbox(None, 10).await.unwrap().is_empty());
}
