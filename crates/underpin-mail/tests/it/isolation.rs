//! What each scope sees of mails when a statement forgets its conditions.

use underpin_base::{Principal, Role, TenantId};
use underpin_db::{Scope, statements};
use underpin_mail::Outlet;

use crate::stage::{Stage, letter};

statements! {
    pub(crate) MAILS: "test.mails" () -> (UUID) = "select id from underpin.mail";
    pub(crate) FORGE: "test.forge" (UUID, UUID) -> () = "
        insert into underpin.mail (id, tenant_id, dedupe_key, kind, created_at) values ($1, $2, 'k', 'k', 'epoch')";
    pub(crate) PLATFORM: "test.platform" (UUID, TEXT) -> () = "
        insert into underpin.job (id, kind, queue, priority, payload, attempts_max, created_at, run_at, state)
        values ($1, $2, 'q', 0, '{}', 1, 'epoch', 'epoch', 'ready')";
}

#[tokio::test]
async fn nobody_but_the_job_sees_a_mail_and_nobody_reads_it() {
    let stage = Stage::new(Outlet::Mailbox).await;
    stage.post(&letter("one", "ada")).await.unwrap();
    stage.post_as(Scope::Account(stage.principal.subject), &letter("two", "bob")).await.unwrap();
    let own = stage.principal;
    let service = Principal::service(own.tenant, own.subject);
    let foreign = Principal { tenant: TenantId::new(), role: Role::Service, ..own };
    for (scope, expected) in [
        (Scope::from(own), 0),
        (Principal { role: Role::Owner, ..own }.into(), 0),
        (service.into(), 1),
        (foreign.into(), 0),
        (Scope::Account(own.subject), 0),
        (Scope::Presented("ada@example.com".to_owned()), 0),
    ] {
        let seen = stage.test.db.query(scope.clone(), &MAILS, &[]).await.unwrap().len();
        assert_eq!(seen, expected, "{scope:?}");
    }
    let sql =
        "select string_agg(encode(sealed, 'escape') || dedupe_key || kind, '') from underpin.mail";
    let stored: String = stage.test.superuser().await.query_one(sql, &[]).await.unwrap().get(0);
    for secret in ["ada", "example.com", "secret-token", "Hello"] {
        assert!(!stored.contains(secret), "{secret} can be read");
    }
}

#[tokio::test]
async fn nobody_posts_for_another_tenant_or_starts_what_is_the_platforms() {
    let stage = Stage::new(Outlet::Mailbox).await;
    let db = &stage.test.db;
    let (own, id) = (stage.principal, || uuid::Uuid::now_v7());
    let other = Some(TenantId::new().uuid());
    let account = Scope::Account(own.subject);
    for (scope, tenant) in [
        (Scope::from(own), other),
        (Scope::from(own), None),
        (account.clone(), other),
        (Scope::Presented("x".to_owned()), None),
    ] {
        let refused = db.execute(scope.clone(), &FORGE, &[&id(), &tenant]).await;
        assert!(refused.is_err(), "{scope:?} {tenant:?}");
    }
    for (scope, kind, fine) in [
        (account.clone(), "account.send_mail", true),
        (account.clone(), "schedule.files.sweep", false),
        (account, "mail.send", false),
        (Scope::from(own), "account.send_mail", false),
    ] {
        let outcome = db.execute(scope.clone(), &PLATFORM, &[&id(), &kind]).await;
        assert_eq!(outcome.is_ok(), fine, "{scope:?} {kind}: {outcome:?}");
    }
}
