use std::time::Duration;

use underpin_base::{PageQuery, Principal, Role, Secret};
use underpin_identity::{
    AcceptInvite, CreateInvite, CreatedInvite, Error, Language, Origin, SignedIn,
};

use crate::stage::{PASSWORD, Stage, email};

async fn invite(stage: &Stage, by: Principal, name: &str, role: Role) -> CreatedInvite {
    let input = CreateInvite { email: email(name), role, investor: None, language: Language::En };
    stage.identity.create_invite(by, input).await.unwrap()
}

async fn accept(stage: &Stage, token: &str, password: &str) -> underpin_identity::Result<SignedIn> {
    let input = AcceptInvite {
        token: Secret::new(token.to_owned()),
        name: "Somebody New".to_owned(),
        password: Secret::new(password.to_owned()),
        origin: Origin::default(),
        former: None,
    };
    let entry = stage.identity.accept_invite(input).await?;
    Ok(entry.signed_in().expect("nobody asked for a second factor"))
}

#[tokio::test]
async fn a_new_person_joins_once_by_their_link() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let created = invite(&stage, ada, "new", Role::Member).await;
    let token = created.token.expose();
    let view = stage.identity.look_up_invite(token).await.unwrap();
    assert_eq!((view.tenant_slug.as_str(), view.role, view.known), ("north", Role::Member, false));
    let short = accept(&stage, token, "short").await.unwrap_err();
    assert!(matches!(short, Error::Invalid { field: "password", .. }), "{short:?}");
    let signed_in = accept(&stage, token, PASSWORD).await.unwrap();
    assert_eq!(signed_in.session.user.name, "Somebody New");
    assert_eq!(signed_in.memberships[0].role, Role::Member);
    let again = accept(&stage, token, PASSWORD).await.unwrap_err();
    assert!(matches!(again, Error::NotFound("invite")), "{again:?}");
    assert!(stage.identity.look_up_invite(token).await.is_err());
    stage.sign_in("new").await;
    assert_eq!(stage.events().await, ["invite.created", "member.joined"]);
}

#[tokio::test]
async fn a_known_person_joins_with_their_password() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let created = invite(&stage, ada, "sue", Role::Admin).await;
    let token = created.token.expose();
    assert!(stage.identity.look_up_invite(token).await.unwrap().known);
    let wrong = accept(&stage, token, "not the password").await.unwrap_err();
    assert!(matches!(wrong, Error::WrongCredentials), "{wrong:?}");
    let signed_in = accept(&stage, token, PASSWORD).await.unwrap();
    let roles: Vec<_> =
        signed_in.memberships.iter().map(|m| (m.tenant.slug.as_str(), m.role)).collect();
    assert_eq!(roles, [("north", Role::Admin), ("south", Role::Owner)]);
    assert_eq!(signed_in.session.user.name, "sue", "the name of an account stays");
}

#[tokio::test]
async fn an_invite_is_no_way_to_try_passwords() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let created = invite(&stage, ada, "sue", Role::Admin).await;
    for _ in 0..10 {
        accept(&stage, created.token.expose(), "not the password").await.unwrap_err();
    }
    let refused = accept(&stage, created.token.expose(), PASSWORD).await.unwrap_err();
    assert!(matches!(refused, Error::Throttled { .. }), "{refused:?}");
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_gets_in() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let created = invite(&stage, ada, "new", Role::Member).await;
    let token = created.token.expose();
    let (one, two) = tokio::join!(accept(&stage, token, PASSWORD), accept(&stage, token, PASSWORD));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

#[tokio::test]
async fn an_invite_ends_when_it_expires_is_revoked_or_replaced() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let replaced = invite(&stage, ada, "new", Role::Member).await;
    let revoked = invite(&stage, ada, "new", Role::Member).await;
    stage.identity.revoke_invite(ada, revoked.id).await.unwrap();
    let twice = stage.identity.revoke_invite(ada, revoked.id).await.unwrap_err();
    assert!(matches!(twice, Error::NotFound("invite")), "{twice:?}");
    let expired = invite(&stage, ada, "new", Role::Member).await;
    stage.clock.advance(Duration::from_hours(7 * 24));
    let open = invite(&stage, ada, "late", Role::Member).await;
    for dead in [replaced, revoked, expired] {
        let refused = accept(&stage, dead.token.expose(), PASSWORD).await.unwrap_err();
        assert!(matches!(refused, Error::NotFound("invite")), "{refused:?}");
    }
    let query = PageQuery { limit: 50, cursor: None };
    let listed = stage.identity.invites(ada, &query, "invites").await.unwrap();
    assert_eq!(listed.items.iter().map(|i| i.id).collect::<Vec<_>>(), [open.id]);
}

#[tokio::test]
async fn only_admins_invite_and_only_owners_invite_owners() {
    let stage = Stage::new().await;
    for (name, role, fine) in [
        ("ada", Role::Owner, true),
        ("bob", Role::Owner, false),
        ("bob", Role::Admin, true),
        ("cyd", Role::Investor, false),
        ("ivy", Role::Investor, false),
    ] {
        let by = stage.principal("north", name).await;
        let input =
            CreateInvite { email: email("new"), role, investor: None, language: Language::En };
        let outcome = stage.identity.create_invite(by, input).await;
        assert_eq!(outcome.is_ok(), fine, "{name} invites {role}: {outcome:?}");
    }
    let ada = stage.principal("north", "ada").await;
    let input = CreateInvite {
        email: "CYD@example.com".into(),
        role: Role::Admin,
        investor: None,
        language: Language::En,
    };
    let member = stage.identity.create_invite(ada, input).await.unwrap_err();
    assert!(matches!(member, Error::AlreadyMember), "{member:?}");
}

#[tokio::test]
async fn an_investor_is_bound_to_what_the_invite_says() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let bound = uuid::Uuid::now_v7();
    let input = |role| CreateInvite {
        email: email("new"),
        role,
        investor: Some(bound),
        language: Language::En,
    };
    let refused = stage.identity.create_invite(ada, input(Role::Member)).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "investor", .. }), "{refused:?}");
    let created = stage.identity.create_invite(ada, input(Role::Investor)).await.unwrap();
    let signed_in = accept(&stage, created.token.expose(), PASSWORD).await.unwrap();
    let sql = "select investor_id from underpin.member where user_id = $1";
    let row = stage.db.superuser().await.query_one(sql, &[&signed_in.session.user.id.uuid()]).await;
    assert_eq!(row.unwrap().get::<_, uuid::Uuid>(0), bound);
}
