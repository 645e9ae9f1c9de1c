use std::time::Duration;

use underpin_base::{Principal, Role};
use underpin_db::{Scope, statements};
use underpin_identity::{
    Access, ApiKeyId, CreateApiKey, CreateInvite, CreatedApiKey, Error, Language, Result, Scopes,
    SessionId, Standing,
};

use crate::stage::{Stage, email, page};

const AREAS: [&str; 2] = ["tenant", "funds"];

statements! {
    pub(crate) KEYS: "test.keys" () -> (TEXT) = "select name from underpin.api_key order by name";
    pub(crate) FORGE: "test.forge_key" (UUID, UUID, UUID) -> () = "
        insert into underpin.api_key (tenant_id, id, name, role, scopes, token_hash, created_by, created_at)
        values ($1, $2, 'forged', 'admin', '{tenant:write}', $2::text, $3, 'epoch')";
}

fn wanted(role: Role, scopes: &[&str]) -> CreateApiKey {
    let names: Vec<String> = scopes.iter().map(|name| (*name).to_owned()).collect();
    CreateApiKey {
        name: " Nightly import ".to_owned(),
        role,
        scopes: Scopes::parse(&names, &AREAS).unwrap(),
        expires_at: None,
    }
}

async fn key(stage: &Stage) -> CreatedApiKey {
    let ada = stage.principal("north", "ada").await;
    let input = wanted(Role::Admin, &["tenant:read", "tenant:write", "funds:read"]);
    stage.identity.create_api_key(ada, input).await.unwrap()
}

async fn principal(stage: &Stage, token: &str) -> Result<Principal> {
    let known = stage.identity.authenticate(token, Some("north")).await?;
    Ok(known.principal().unwrap())
}

#[tokio::test]
async fn a_key_acts_as_itself_in_its_tenant_with_its_scopes_only() {
    let stage = Stage::new().await;
    let key = key(&stage).await;
    assert_eq!(key.name, "Nightly import");
    assert!(key.token.expose().starts_with("uk_"));
    let known = stage.identity.authenticate(key.token.expose(), Some("north")).await.unwrap();
    let principal = known.principal().unwrap();
    assert_eq!((principal.tenant, principal.role), (stage.north, Role::Admin));
    assert_eq!(principal.subject.uuid(), key.id.uuid());
    assert_eq!(known.session.user.name, "Nightly import");
    let scopes = known.scopes.unwrap();
    assert!(scopes.allow("funds", Access::Read) && !scopes.allow("funds", Access::Write));
    for elsewhere in [Some("south"), Some("nowhere"), None] {
        let known = stage.identity.authenticate(key.token.expose(), elsewhere).await.unwrap();
        assert!(known.membership.is_none(), "{elsewhere:?}");
    }
}

#[tokio::test]
async fn what_a_key_does_is_done_by_the_key() {
    let stage = Stage::new().await;
    let key = key(&stage).await;
    let by = principal(&stage, key.token.expose()).await.unwrap();
    let input = CreateInvite {
        email: email("new"),
        role: Role::Member,
        investor: None,
        language: Language::En,
    };
    stage.identity.create_invite(by, input).await.unwrap();
    let ada = stage.principal("north", "ada").await;
    let invites = stage.identity.invites(ada, &page(), "invites").await.unwrap();
    assert_eq!(invites.items[0].invited_by.name, "Nightly import");
    let trail = stage.identity.trail(ada, &page(), "trail").await.unwrap();
    let newest = &trail.items[0];
    assert_eq!(
        (newest.entry.action.as_str(), newest.entry.actor_kind.as_str()),
        ("invite.created", "key")
    );
    assert_eq!(newest.entry.actor_id, Some(key.id.uuid()));
    assert_eq!(newest.actor_name.as_deref(), Some("Nightly import"));
}

#[tokio::test]
async fn only_people_who_administer_make_keys_and_a_key_makes_none() {
    let stage = Stage::new().await;
    for name in ["cyd", "ivy"] {
        let by = stage.principal("north", name).await;
        let refused =
            stage.identity.create_api_key(by, wanted(Role::Member, &["funds:read"])).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{name}: {refused:?}");
    }
    let ada = stage.principal("north", "ada").await;
    for role in [Role::Owner, Role::Investor, Role::Service] {
        let refused = stage.identity.create_api_key(ada, wanted(role, &["funds:read"])).await;
        assert!(matches!(refused, Err(Error::Invalid { field: "role", .. })), "{role}");
    }
    let past =
        CreateApiKey { expires_at: Some(stage.now()), ..wanted(Role::Member, &["funds:read"]) };
    let refused = stage.identity.create_api_key(ada, past).await;
    assert!(matches!(refused, Err(Error::Invalid { field: "expires_at", .. })));
    // The policy says it too, whatever the program forgets.
    let by = principal(&stage, key(&stage).await.token.expose()).await.unwrap();
    let refused = stage.identity.create_api_key(by, wanted(Role::Member, &["funds:read"])).await;
    assert!(matches!(refused, Err(Error::Db(_))), "{refused:?}");
    let params = [stage.north.uuid(), ApiKeyId::new().uuid(), ada.subject.uuid()];
    let [tenant, id, maker] = &params;
    let forged = stage.db.db.execute(by, &FORGE, &[tenant, id, maker]).await;
    assert!(forged.is_err(), "in another's name");
}

#[tokio::test]
async fn a_revoked_or_ended_key_is_refused_and_what_it_holds_open_ends() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let revoked = key(&stage).await;
    let by = principal(&stage, revoked.token.expose()).await.unwrap();
    let open = (SessionId::from_uuid(revoked.id.uuid()), by);
    let other_role = (open.0, Principal { role: Role::Member, ..by });
    let standings = stage.identity.standings(&[open, other_role]).await.unwrap();
    assert_eq!(standings, [Standing::Good, Standing::Changed]);
    let bob = stage.principal("north", "bob").await;
    stage.identity.revoke_api_key(bob, revoked.id).await.unwrap();
    let refused = principal(&stage, revoked.token.expose()).await.unwrap_err();
    assert!(matches!(refused, Error::Unauthenticated), "{refused:?}");
    assert_eq!(stage.identity.standings(&[open]).await.unwrap(), [Standing::SignedOut]);
    let again = stage.identity.revoke_api_key(bob, revoked.id).await.unwrap_err();
    assert!(matches!(again, Error::NotFound(_)), "{again:?}");
    let sue = stage.principal("south", "sue").await;
    let short = CreateApiKey {
        expires_at: Some(stage.now() + Duration::from_mins(10)),
        ..wanted(Role::Member, &["funds:read"])
    };
    let short = stage.identity.create_api_key(ada, short).await.unwrap();
    let foreign = stage.identity.revoke_api_key(sue, short.id).await.unwrap_err();
    assert!(matches!(foreign, Error::NotFound(_)), "{foreign:?}");
    principal(&stage, short.token.expose()).await.unwrap();
    stage.clock.advance(Duration::from_mins(10));
    let refused = principal(&stage, short.token.expose()).await.unwrap_err();
    assert!(matches!(refused, Error::Unauthenticated), "{refused:?}");
    let events = stage.events().await;
    assert!(events.contains(&"api_key.revoked".to_owned()), "{events:?}");
}

#[tokio::test]
async fn a_key_of_a_suspended_tenant_is_refused() {
    let stage = Stage::new().await;
    let key = key(&stage).await;
    let suspend = "update underpin.tenant set suspended_at = 'epoch' where slug = 'north'";
    stage.db.superuser().await.batch_execute(suspend).await.unwrap();
    assert!(principal(&stage, key.token.expose()).await.is_err());
}

#[tokio::test]
async fn keys_are_listed_without_their_tokens_and_their_use_is_noted_to_the_minute() {
    let stage = Stage::new().await;
    let key = key(&stage).await;
    let ada = stage.principal("north", "ada").await;
    let list = async || stage.identity.api_keys(ada, &page(), "keys").await.unwrap();
    assert_eq!(list().await.items[0].last_used_at, None);
    principal(&stage, key.token.expose()).await.unwrap();
    let first = list().await.items[0].last_used_at.unwrap();
    stage.clock.advance(Duration::from_secs(30));
    principal(&stage, key.token.expose()).await.unwrap();
    assert_eq!(list().await.items[0].last_used_at, Some(first));
    stage.clock.advance(Duration::from_mins(1));
    principal(&stage, key.token.expose()).await.unwrap();
    assert!(list().await.items[0].last_used_at > Some(first));
    let stored: String = stage
        .db
        .superuser()
        .await
        .query_one("select string_agg(k::text, '') from underpin.api_key k", &[])
        .await
        .unwrap()
        .get(0);
    assert!(!stored.contains(key.token.expose()) && !stored.contains(&key.token.expose()[3..]));
    let cyd = stage.principal("north", "cyd").await;
    let refused = stage.identity.api_keys(cyd, &page(), "keys").await;
    assert!(matches!(refused, Err(Error::Forbidden)));
}

#[tokio::test]
async fn no_scope_sees_keys_that_are_none_of_its_business() {
    let stage = Stage::new().await;
    let key = key(&stage).await;
    let principal = async |tenant: &str, name: &str| stage.principal(tenant, name).await;
    let seen = async |scope: Scope| stage.db.db.query(scope, &KEYS, &[]).await.unwrap().len();
    assert_eq!(seen(principal("north", "ada").await.into()).await, 1);
    assert_eq!(seen(principal("north", "cyd").await.into()).await, 0);
    assert_eq!(seen(principal("north", "ivy").await.into()).await, 0);
    assert_eq!(seen(principal("south", "sue").await.into()).await, 0);
    assert_eq!(seen(Scope::Account(principal("north", "ada").await.subject)).await, 0);
    assert_eq!(seen(Scope::Presented(key.id.to_string())).await, 0);
}

#[tokio::test]
async fn a_tenant_has_a_hundred_keys_at_most() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let fill = "insert into underpin.api_key (tenant_id, id, name, role, scopes, token_hash, created_by, created_at)
        select $1, gen_random_uuid(), 'k', 'member', '{funds:read}', n::text, $2, 'epoch' from generate_series(1, 99) n";
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 2] =
        [&stage.north.uuid(), &ada.subject.uuid()];
    stage.db.superuser().await.execute(fill, &params).await.unwrap();
    let last = key(&stage).await;
    let refused = stage.identity.create_api_key(ada, wanted(Role::Member, &["funds:read"])).await;
    assert!(matches!(refused, Err(Error::TooManyKeys(100))), "{refused:?}");
    stage.identity.revoke_api_key(ada, last.id).await.unwrap();
    key(&stage).await;
}

#[tokio::test]
async fn junk_keys_ask_nobody() {
    let stage = Stage::new().await;
    let token = key(&stage).await.token;
    stage.db.db.close();
    for junk in ["uk_", "uk_abc", &token.expose()[3..], &format!("{}x", token.expose())] {
        let refused = stage.identity.authenticate(junk, Some("north")).await.unwrap_err();
        assert!(matches!(refused, Error::Unauthenticated), "{junk}: {refused:?}");
    }
}
