use underpin_base::{PageQuery, Role, UserId};
use underpin_identity::Error;

use crate::stage::{Stage, email};

#[tokio::test]
async fn the_last_owner_stays() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let demoted = stage.identity.set_role(ada, ada.subject, Role::Admin).await.unwrap_err();
    assert!(matches!(demoted, Error::LastOwner), "{demoted:?}");
    let removed = stage.identity.remove_member(ada, ada.subject).await.unwrap_err();
    assert!(matches!(removed, Error::LastOwner), "{removed:?}");
}

#[tokio::test]
async fn of_two_owners_who_demote_each_other_at_once_one_stays() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let bob = stage.principal("north", "bob").await;
    for round in 0..20 {
        stage.identity.add_member(stage.north, ada.subject, Role::Owner).await.unwrap();
        stage.identity.add_member(stage.north, bob.subject, Role::Owner).await.unwrap();
        let [ada, bob] = [("ada", Role::Owner), ("bob", Role::Owner)].map(|(name, role)| {
            underpin_base::Principal { role, ..if name == "ada" { ada } else { bob } }
        });
        let (one, two) = tokio::join!(
            stage.identity.set_role(ada, bob.subject, Role::Member),
            stage.identity.remove_member(bob, ada.subject),
        );
        let won = [one.is_ok(), two.is_ok()];
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "round {round}: {one:?} {two:?}");
    }
}

#[tokio::test]
async fn the_table_itself_keeps_an_owner_whatever_statement_runs_and_in_rivalry() {
    let stage = Stage::new().await;
    let bob = stage.principal("north", "bob").await;
    let ada = stage.principal("north", "ada").await;
    stage.identity.add_member(stage.north, bob.subject, Role::Owner).await.unwrap();
    // Bare updates without the queue that the operations stand in: the trigger alone must hold.
    let (mut one, mut two) = (stage.db.superuser().await, stage.db.superuser().await);
    let demote = "update underpin.member set role = 'member' where tenant_id = $1 and user_id = $2";
    let (first, second) = (one.transaction().await.unwrap(), two.transaction().await.unwrap());
    first.execute(demote, &[&stage.north.uuid(), &ada.subject.uuid()]).await.unwrap();
    let (north, subject) = (stage.north.uuid(), bob.subject.uuid());
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&north, &subject];
    let waits = second.execute(demote, &params);
    let commits = async {
        // Committed only once the rival waits for the tenant's row.
        underpin_testkit::until("the rival waits", async || {
            let looks = stage.db.superuser().await;
            let sql = "select count(*) from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock'";
            let waiting: i64 = looks.query_one(sql, &[]).await.unwrap().get(0);
            (waiting > 0).then_some(())
        })
        .await;
        first.commit().await.unwrap();
    };
    let (refused, ()) = tokio::join!(waits, commits);
    let refused = refused.unwrap_err();
    let constraint = refused.as_db_error().and_then(|error| error.constraint());
    assert_eq!(constraint, Some("member_owner_kept"), "{refused:?}");
}

#[tokio::test]
async fn only_owners_make_and_unmake_owners() {
    let stage = Stage::new().await;
    let (ada, bob) = (stage.principal("north", "ada").await, stage.principal("north", "bob").await);
    let cyd = stage.principal("north", "cyd").await;
    for (by, user, role) in [
        (bob, cyd.subject, Role::Owner),
        (bob, bob.subject, Role::Owner),
        (bob, ada.subject, Role::Member),
        (cyd, bob.subject, Role::Member),
    ] {
        let refused = stage.identity.set_role(by, user, role).await.unwrap_err();
        assert!(matches!(refused, Error::Forbidden), "{:?} to {role}: {refused:?}", by.role);
    }
    let refused = stage.identity.remove_member(bob, ada.subject).await.unwrap_err();
    assert!(matches!(refused, Error::Forbidden), "{refused:?}");
    let service = stage.identity.set_role(ada, cyd.subject, Role::Service).await.unwrap_err();
    assert!(matches!(service, Error::Invalid { field: "role", .. }), "{service:?}");
    let member = stage.identity.set_role(ada, cyd.subject, Role::Owner).await.unwrap();
    assert_eq!(member.role, Role::Owner);
    stage
        .identity
        .set_role(bob, stage.principal("north", "ivy").await.subject, Role::Member)
        .await
        .unwrap();
    stage.identity.remove_member(ada, cyd.subject).await.unwrap();
    assert_eq!(stage.events().await, ["member.changed", "member.changed", "member.removed"]);
}

#[tokio::test]
async fn someone_elses_member_is_the_same_as_none() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let sue = stage.principal("south", "sue").await.subject;
    for user in [sue, UserId::new()] {
        let missing = stage.identity.set_role(ada, user, Role::Member).await.unwrap_err();
        assert!(matches!(missing, Error::NotFound("member")), "{missing:?}");
        let missing = stage.identity.remove_member(ada, user).await.unwrap_err();
        assert!(matches!(missing, Error::NotFound("member")), "{missing:?}");
    }
    assert!(stage.events().await.is_empty(), "what was rolled back is not told");
}

#[tokio::test]
async fn members_come_in_pages_and_a_removed_one_is_gone() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let cyd = stage.principal("north", "cyd").await;
    stage.identity.remove_member(ada, cyd.subject).await.unwrap();
    let mut query = PageQuery { limit: 2, cursor: None };
    let first = stage.identity.members(ada, &query, "north members").await.unwrap();
    query.cursor = first.next.clone();
    let second = stage.identity.members(ada, &query, "north members").await.unwrap();
    let mails: Vec<_> =
        first.items.iter().chain(&second.items).map(|m| m.user.email.clone()).collect();
    assert_eq!(mails, [email("ada"), email("bob"), email("ivy")]);
    assert!(second.next.is_none());
    let foreign = stage.identity.members(ada, &query, "south members").await.unwrap_err();
    assert!(matches!(foreign, Error::BadCursor), "{foreign:?}");
    let signed_in = stage.sign_in("cyd").await;
    assert!(signed_in.memberships.is_empty());
}

#[tokio::test]
async fn a_removed_member_and_a_suspended_tenant_are_out_with_the_next_request() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let signed_in = stage.sign_in("cyd").await;
    let here = async || {
        let known = stage.identity.authenticate(signed_in.token.expose(), Some("north")).await;
        known.unwrap().membership.is_some()
    };
    assert!(here().await);
    stage.identity.remove_member(ada, signed_in.session.user.id).await.unwrap();
    assert!(!here().await, "removed");
    stage.identity.add_member(stage.north, signed_in.session.user.id, Role::Member).await.unwrap();
    assert!(here().await, "back");
    let suspend = "update underpin.tenant set suspended_at = created_at where slug = 'north'";
    stage.db.superuser().await.execute(suspend, &[]).await.unwrap();
    assert!(!here().await, "suspended");
    assert!(stage.sign_in("cyd").await.memberships.is_empty());
}
