use futures_util::future::join_all;
use serde_json::json;
use underpin_base::{Principal, Role};
use underpin_db::{Scope, statements};
use underpin_identity::{Act, Error, Fault, Result, Trail, Verified, record};

use crate::stage::{Stage, email, page};

statements! {
    pub(crate) ENTRIES: "test.entries" () -> (TEXT) = "select action from underpin.trail_entry";
    pub(crate) OWN_ENTRIES: "test.own_entries" () -> (TEXT) = "select action from underpin.account_trail_entry";
    pub(crate) REWRITE: "test.rewrite" () -> () = "update underpin.trail_entry set action = 'x'";
    pub(crate) ERASE: "test.erase" () -> () = "delete from underpin.trail_entry";
    pub(crate) REWRITE_OWN: "test.rewrite_own" () -> () = "update underpin.account_trail_entry set action = 'x'";
    pub(crate) ERASE_OWN: "test.erase_own" () -> () = "delete from underpin.account_trail_entry";
}

async fn note(stage: &Stage, by: Principal, number: usize) -> Result<()> {
    let now = stage.now();
    stage
        .db
        .db
        .transact(by, |tx, _| {
            let act = Act::new("test.noted").on("number", number).detail(json!({ "n": number }));
            Box::pin(record(tx, now, act))
        })
        .await
}

async fn verify(stage: &Stage) -> Verified {
    stage.identity.verify_trail(Trail::Tenant(stage.north)).await.unwrap()
}

async fn length(stage: &Stage) -> i64 {
    match verify(stage).await {
        Verified::Whole { entries, .. } => entries,
        broken @ Verified::Broken { .. } => panic!("{broken:?}"),
    }
}

#[tokio::test]
async fn what_is_done_in_a_tenant_is_in_its_trail_with_who_did_it() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let cyd = stage.principal("north", "cyd").await;
    stage.identity.set_role(ada, cyd.subject, Role::Admin).await.unwrap();
    stage.identity.set_role(ada, cyd.subject, Role::Admin).await.unwrap();
    stage.identity.remove_member(ada, cyd.subject).await.unwrap();
    let trail = stage.identity.trail(ada, &page(), "trail").await.unwrap();
    let told: Vec<_> = trail
        .items
        .iter()
        .take(2)
        .map(|listed| {
            let entry = &listed.entry;
            (entry.action.as_str(), entry.actor_id, listed.actor_name.as_deref(), &*entry.detail)
        })
        .collect();
    let by = (Some(ada.subject.uuid()), Some("ada"));
    assert_eq!(
        told,
        [
            ("member.removed", by.0, by.1, r#"{"role":"admin"}"#),
            ("member.changed", by.0, by.1, r#"{"from":"member","to":"admin"}"#),
        ],
        "and what changed nothing is not"
    );
    let subject = trail.items[0].entry.subject.as_deref();
    assert_eq!(subject, Some(&*format!("user/{}", cyd.subject)));
    let first = &trail.items.last().unwrap().entry;
    assert_eq!(
        (first.seq, first.action.as_str(), first.actor_kind.as_str()),
        (1, "tenant.created", "operator")
    );
    let before = length(&stage).await;
    let refused = stage.identity.remove_member(ada, ada.subject).await.unwrap_err();
    assert!(matches!(refused, Error::LastOwner), "{refused:?}");
    assert_eq!(length(&stage).await, before, "what was rolled back left nothing");
}

#[tokio::test]
async fn many_rivals_make_one_chain() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let before = length(&stage).await;
    let (stage, other) = (&stage, stage.principal("north", "ivy").await);
    let notes =
        (0..60).map(|number| note(stage, if number % 2 == 0 { ada } else { other }, number));
    for outcome in join_all(notes).await {
        outcome.unwrap();
    }
    assert_eq!(length(stage).await, before + 60);
}

#[tokio::test]
async fn the_first_entry_that_was_tampered_with_is_named() {
    for (tamper, seq, fault) in [
        (
            "update underpin.trail_entry set action = 'x' where seq = 7 and tenant_id = $1",
            7,
            Fault::Changed,
        ),
        (
            "update underpin.trail_entry set detail = '{}' where seq in (5, 9) and tenant_id = $1",
            5,
            Fault::Changed,
        ),
        (
            "update underpin.trail_entry set at = at + interval '1 microsecond' where seq = 1 and tenant_id = $1",
            1,
            Fault::Changed,
        ),
        (
            "update underpin.trail_entry set actor_id = null where seq = 10 and tenant_id = $1",
            10,
            Fault::Changed,
        ),
        ("delete from underpin.trail_entry where seq = 6 and tenant_id = $1", 6, Fault::Missing),
        ("delete from underpin.trail_entry where seq >= 12 and tenant_id = $1", 12, Fault::Cut),
        ("delete from underpin.trail_entry where tenant_id = $1", 1, Fault::Cut),
        ("update underpin.trail_head set seq = seq + 1 where tenant_id = $1", 15, Fault::Cut),
        (
            "update underpin.trail_head set hash = sha256('x') where tenant_id = $1",
            14,
            Fault::Changed,
        ),
        // The last two entries in each other's place, as whole rows.
        (
            "update underpin.trail_entry set seq = case seq when 13 then 113 else 13 end where seq in (13, 14) and tenant_id = $1",
            13,
            Fault::Changed,
        ),
    ] {
        let stage = Stage::new().await;
        let ada = stage.principal("north", "ada").await;
        for number in length(&stage).await..14 {
            note(&stage, ada, number as usize).await.unwrap();
        }
        assert_eq!(length(&stage).await, 14);
        stage.db.superuser().await.execute(tamper, &[&stage.north.uuid()]).await.unwrap();
        assert_eq!(verify(&stage).await, Verified::Broken { seq, fault }, "{tamper}");
        let south = stage.identity.verify_trail(Trail::Tenant(stage.south)).await.unwrap();
        assert!(matches!(south, Verified::Whole { .. }), "{south:?}");
    }
}

#[tokio::test]
async fn a_long_chain_is_verified_page_by_page() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let now = stage.now();
    for _ in 0..3 {
        stage
            .db
            .db
            .transact(ada, |tx, _| {
                Box::pin(async move {
                    for _ in 0..400 {
                        record(tx, now, Act::new("test.noted")).await?;
                    }
                    Ok::<(), Error>(())
                })
            })
            .await
            .unwrap();
    }
    assert!(length(&stage).await > 1_200);
    let tamper = "update underpin.trail_entry set address = '' where seq = 1100 and tenant_id = $1";
    stage.db.superuser().await.execute(tamper, &[&stage.north.uuid()]).await.unwrap();
    assert_eq!(verify(&stage).await, Verified::Broken { seq: 1_100, fault: Fault::Changed });
}

#[tokio::test]
async fn sign_ins_are_in_the_trail_of_the_account_and_unknown_mails_nowhere() {
    let stage = Stage::new().await;
    stage.try_sign_in(&email("ada"), "not the password").await.unwrap_err();
    stage.try_sign_in(&email("nobody"), "not the password").await.unwrap_err();
    let signed_in = stage.sign_in("ada").await;
    stage.identity.sign_out_everywhere(signed_in.session.user.id).await.unwrap();
    let user = signed_in.session.user.id;
    let trail = stage.identity.account_trail(user, &page(), "trail").await.unwrap();
    let told: Vec<_> = trail
        .items
        .iter()
        .map(|listed| (listed.entry.action.as_str(), listed.entry.address.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("sessions.ended", None),
            ("session.opened", Some("192.0.2.1")),
            ("password.wrong", Some("192.0.2.1")),
        ]
    );
    let whole = stage.identity.verify_trail(Trail::Account(user)).await.unwrap();
    assert!(matches!(whole, Verified::Whole { entries: 3, .. }), "{whole:?}");
    let sql = "select count(*) from underpin.account_trail_entry";
    let all: i64 = stage.db.superuser().await.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(all, 3);
}

#[tokio::test]
async fn nobody_who_serves_changes_or_deletes_an_entry_and_admins_alone_read_them() {
    let stage = Stage::new().await;
    let principal = async |tenant: &str, name: &str| stage.principal(tenant, name).await;
    stage.sign_in("cyd").await;
    let ada = principal("north", "ada").await;
    let seen = async |scope: Scope| stage.db.db.query(scope, &ENTRIES, &[]).await.unwrap().len();
    let own = async |scope: Scope| stage.db.db.query(scope, &OWN_ENTRIES, &[]).await.unwrap().len();
    let all = seen(ada.into()).await;
    assert!(all > 0);
    assert_eq!(seen(principal("north", "bob").await.into()).await, all);
    for name in ["cyd", "ivy"] {
        assert_eq!(seen(principal("north", name).await.into()).await, 0, "{name}");
    }
    let cyd = Scope::Account(principal("north", "cyd").await.subject);
    assert_eq!((seen(cyd.clone()).await, own(cyd.clone()).await), (0, 1));
    assert_eq!(own(Scope::Account(ada.subject)).await, 0);
    assert_eq!(own(principal("north", "cyd").await.into()).await, 0);
    for statement in [&REWRITE, &ERASE, &REWRITE_OWN, &ERASE_OWN] {
        for scope in [Scope::from(ada), cyd.clone(), Scope::System(underpin_db::Purpose::Sweep)] {
            let refused = stage.db.db.execute(scope.clone(), statement, &[]).await;
            assert!(refused.is_err(), "{scope:?} {}", statement.name);
        }
    }
    // The owner of the tables reaches no row either, unless a tenant is purged.
    let owner = stage.db.owner().await;
    for sql in ["delete from underpin.trail_entry", "update underpin.trail_entry set action = 'x'"]
    {
        assert_eq!(owner.execute(sql, &[]).await.unwrap_or_default(), 0, "{sql}");
    }
    let cyd = principal("north", "cyd").await;
    let refused = stage.identity.trail(cyd, &page(), "trail").await;
    assert!(matches!(refused, Err(Error::Forbidden)));
}
