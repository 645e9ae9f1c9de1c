//! What each scope sees when a statement forgets its conditions.

use underpin_base::Principal;
use underpin_db::{Error, Scope, statements};

use crate::stage::{Stage, email};

statements! {
    pub(crate) USERS: "test.users" () -> (TEXT) = "select name from underpin.user_account order by name";
    pub(crate) TENANTS: "test.tenants" () -> (TEXT) = "select slug from underpin.tenant order by slug";
    pub(crate) MEMBERS: "test.members" () -> (TEXT) = "
        select m.role from underpin.member m order by m.role";
    pub(crate) SESSIONS: "test.sessions" () -> (TEXT) = "select kind from underpin.session";
    pub(crate) HASHES: "test.hashes" () -> (TEXT) = "select hash from underpin.user_password";
    pub(crate) INVITES: "test.invites" () -> (TEXT) = "select email from underpin.invite";
    pub(crate) ATTEMPTS: "test.attempts" () -> (TEXT) = "select account from underpin.sign_in_attempt";
    pub(crate) PROMOTE: "test.promote" () -> (TEXT) = "update underpin.member set role = 'owner' returning role";
    pub(crate) RENAME: "test.rename" () -> (TEXT) = "update underpin.user_account set name = 'x' returning name";
}

/// Users, tenants, members, sessions, hashes, invites, attempts: how many rows a scope sees of each.
async fn sees(stage: &Stage, scope: impl Into<Scope>) -> [usize; 7] {
    let scope = scope.into();
    let mut seen = [0; 7];
    for (seen, statement) in
        seen.iter_mut().zip([&USERS, &TENANTS, &MEMBERS, &SESSIONS, &HASHES, &INVITES, &ATTEMPTS])
    {
        *seen = stage.db.db.query(scope.clone(), statement, &[]).await.unwrap().len();
    }
    seen
}

async fn crowded() -> (Stage, [String; 2]) {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let input = underpin_identity::CreateInvite {
        email: email("sue"),
        role: underpin_base::Role::Member,
        investor: None,
        language: underpin_identity::Language::En,
    };
    let invite = stage.identity.create_invite(ada, input).await.unwrap();
    let token = stage.sign_in("cyd").await.token;
    stage.sign_in("sue").await;
    stage.try_sign_in(&email("ada"), "not the password").await.unwrap_err();
    let digests = [token.expose(), invite.token.expose()].map(digest);
    (stage, digests)
}

fn digest(token: &str) -> String {
    use std::fmt::Write as _;

    use sha2::Digest as _;
    sha2::Sha256::digest(token).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

#[tokio::test]
async fn a_scope_sees_its_own_rows_and_no_others() {
    let (stage, [session, invite]) = crowded().await;
    let principal = async |name: &str| stage.principal("north", name).await;
    for name in ["ada", "bob"] {
        assert_eq!(sees(&stage, principal(name).await).await, [4, 1, 4, 0, 0, 1, 0], "{name}");
    }
    assert_eq!(sees(&stage, principal("cyd").await).await, [4, 1, 4, 0, 0, 0, 0], "staff");
    assert_eq!(sees(&stage, principal("ivy").await).await, [1, 1, 1, 0, 0, 0, 0], "investor");
    let cyd = Scope::Account(principal("cyd").await.subject);
    assert_eq!(sees(&stage, cyd).await, [1, 1, 1, 1, 1, 0, 0], "account");
    assert_eq!(sees(&stage, Scope::Presented(session)).await, [1, 1, 1, 1, 0, 0, 0], "session");
    assert_eq!(sees(&stage, Scope::Presented(invite)).await, [1, 1, 0, 0, 0, 1, 0], "invite");
    // ada's failed try: in all, and from one address.
    let mail = Scope::Presented(email("ada"));
    assert_eq!(sees(&stage, mail).await, [1, 0, 0, 0, 1, 0, 2], "mail");
    assert_eq!(sees(&stage, Scope::Presented("junk".into())).await, [0; 7], "junk");
    assert_eq!(sees(&stage, Scope::Presented(String::new())).await, [0; 7], "nothing");
    let foreign = Principal { tenant: stage.south, ..principal("ivy").await };
    assert_eq!(sees(&stage, foreign).await, [1, 1, 0, 0, 0, 0, 0], "investor elsewhere");
}

#[tokio::test]
async fn no_scope_writes_what_it_may_not() {
    let (stage, [session, invite]) = crowded().await;
    let bob = stage.principal("north", "bob").await;
    let refused = stage.db.db.query(bob, &PROMOTE, &[]).await.unwrap_err();
    assert!(matches!(refused, Error::Refused { .. }), "an admin makes no owner: {refused:?}");
    for name in ["cyd", "ivy"] {
        let principal = stage.principal("north", name).await;
        assert!(stage.db.db.query(principal, &PROMOTE, &[]).await.unwrap().is_empty(), "{name}");
        let renamed = stage.db.db.query(principal, &RENAME, &[]).await.unwrap();
        assert_eq!(renamed.len(), 1, "{name} renames nobody else");
    }
    for presented in [invite, email("cyd")] {
        let promoted = stage.db.db.query(Scope::Presented(presented), &PROMOTE, &[]).await.unwrap();
        assert!(promoted.is_empty());
    }
    let promoted = stage.db.db.query(Scope::Presented(session), &PROMOTE, &[]).await;
    assert!(promoted.is_err() || promoted.unwrap().is_empty(), "a session alone promotes nobody");
}
