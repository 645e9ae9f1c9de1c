use underpin_base::{Role, Secret};
use underpin_identity::{Error, NewTenant, NewUser, Provisioned, Trail};

use crate::stage::{PASSWORD, Stage, email};

#[tokio::test]
async fn a_suspended_tenant_is_shut_until_it_is_resumed_and_the_trail_says_so() {
    let stage = Stage::new().await;
    let token = stage.sign_in("ada").await.token;
    let inside = async || {
        let known = stage.identity.authenticate(token.expose(), Some("north")).await.unwrap();
        known.membership.is_some()
    };
    assert!(stage.identity.suspend_tenant("north").await.unwrap());
    assert!(!stage.identity.suspend_tenant("north").await.unwrap(), "twice is once");
    assert!(!inside().await);
    assert!(stage.identity.resume_tenant("north").await.unwrap());
    assert!(!stage.identity.resume_tenant("north").await.unwrap());
    assert!(inside().await);
    let none = stage.identity.suspend_tenant("nowhere").await;
    assert!(matches!(none, Err(Error::NotFound("tenant"))), "{none:?}");
    let trail = Trail::Tenant(stage.north);
    let entries = stage.identity.read_trail(trail, 0).await.unwrap();
    let actions: Vec<&str> = entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions[actions.len() - 2..], ["tenant.suspended", "tenant.resumed"]);
}

#[tokio::test]
async fn provisioning_twice_changes_nothing() {
    let stage = Stage::new().await;
    let new = NewTenant {
        slug: "north".into(),
        name: "Another name".into(),
        accent: "#000000".into(),
        currency: "EUR".parse().unwrap(),
    };
    let again = stage.identity.create_tenant(new).await.unwrap();
    assert_eq!(again, Provisioned::Existing(stage.north));
    let new = NewUser {
        email: email("ADA"),
        name: "x".into(),
        password: Secret::new("another password".into()),
    };
    let again = stage.identity.create_user(new).await.unwrap();
    assert!(matches!(again, Provisioned::Existing(_)));
    let ada = again.into_inner();
    stage.identity.add_member(stage.north, ada, Role::Owner).await.unwrap();
    assert_eq!(stage.sign_in("ada").await.memberships[0].tenant.name, "The north");
}

#[tokio::test]
async fn the_first_member_of_a_tenant_is_an_owner() {
    let stage = Stage::new().await;
    let new = NewTenant {
        slug: "west".into(),
        name: "West".into(),
        accent: "#abcdef".into(),
        currency: "USD".parse().unwrap(),
    };
    let west = stage.identity.create_tenant(new).await.unwrap().into_inner();
    let user = stage.user("wes").await;
    let refused = stage.identity.add_member(west, user, Role::Admin).await.unwrap_err();
    assert!(matches!(refused, Error::LastOwner), "{refused:?}");
    stage.identity.add_member(west, user, Role::Owner).await.unwrap();
}

#[tokio::test]
async fn a_password_that_the_operator_sets_ends_every_session() {
    let stage = Stage::new().await;
    let before = stage.sign_in("ada").await;
    let user = before.session.user.id;
    stage.identity.set_password(user, Secret::new("set by the operator".into())).await.unwrap();
    assert!(stage.identity.authenticate(before.token.expose(), None).await.is_err());
    assert!(stage.try_sign_in(&email("ada"), PASSWORD).await.is_err());
    stage.try_sign_in(&email("ada"), "set by the operator").await.unwrap();
}
