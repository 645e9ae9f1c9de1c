//! Whom a process keeps in memory, and that nobody is let in by it who should not be.

use std::sync::Arc;

use futures_util::future::join_all;
use underpin_base::{Role, Secret};
use underpin_db::{Purpose, Scope, statements};
use underpin_identity::{CreateApiKey, Error, Identity, Origin, Result, Scopes, SignedIn};
use underpin_runtime::CancellationToken;
use underpin_testkit::until;

use crate::stage::{KEY, PASSWORD, Stage, email};

statements! {
    pub(crate) CHANGES: "test.access_changes" () -> (TEXT) = "select kind from underpin.access_change";
}

/// Two processes that keep in memory whom they let in.
struct Two {
    stage: Stage,
    one: Identity,
    other: Identity,
    stop: CancellationToken,
}

impl Drop for Two {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Two {
    async fn new() -> Self {
        let stage = Stage::new().await;
        let other = Identity::new(stage.db.second_process(), Arc::new(stage.clock.clone()), KEY);
        let (one, stop) = (stage.identity.clone(), CancellationToken::new());
        for identity in [&one, &other] {
            tokio::spawn(identity.clone().follow_access(stop.clone()));
        }
        Self { stage, one, other, stop }
    }

    /// Ask both until they answer from memory.
    async fn remember(&self, token: &str) {
        for identity in [&self.one, &self.other] {
            remember(identity, token).await;
        }
    }

    /// What either says of a token in `north`, this moment.
    async fn ask(&self, token: &str) -> [Result<Option<Role>>; 2] {
        [role(&self.one, token).await, role(&self.other, token).await]
    }

    async fn is_refused(&self, token: &str, how: &str) {
        for answer in self.ask(token).await {
            assert!(matches!(answer, Err(Error::Unauthenticated)), "{how}: {answer:?}");
        }
    }

    async fn has(&self, token: &str, expected: Option<Role>, how: &str) {
        for answer in self.ask(token).await {
            assert_eq!(answer.unwrap(), expected, "{how}");
        }
    }
}

async fn remember(identity: &Identity, token: &str) {
    until("it is answered from memory", async || {
        let before = identity.session_cache().hits;
        identity.authenticate(token, Some("north")).await.unwrap();
        (identity.session_cache().hits > before).then_some(())
    })
    .await;
}

async fn role(identity: &Identity, token: &str) -> Result<Option<Role>> {
    let known = identity.authenticate(token, Some("north")).await?;
    Ok(known.membership.map(|membership| membership.role))
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

#[tokio::test]
async fn when_the_end_of_a_session_is_confirmed_no_process_lets_it_in() {
    let two = Two::new().await;
    let ada = async || -> SignedIn { two.stage.sign_in("ada").await };
    let keeper = ada().await;
    let (person, origin) = (keeper.session.user.id, Origin::default());
    for how in ["sign out", "from another", "by its token", "new password", "everywhere"] {
        let ends = ada().await;
        let token = ends.token.expose();
        two.remember(token).await;
        match how {
            "sign out" => two.one.sign_out(&ends.session).await,
            "from another" => two.one.end_session(person, ends.session.id).await,
            "by its token" => two.one.sign_out_token(token).await,
            "new password" => {
                let same = (secret(PASSWORD), secret(PASSWORD));
                two.one.change_password(&keeper.session, same.0, same.1, &origin).await
            }
            _ => two.one.sign_out_everywhere(person).await,
        }
        .unwrap();
        two.is_refused(token, how).await;
    }
}

#[tokio::test]
async fn when_a_change_of_a_place_is_confirmed_every_process_goes_by_it() {
    let two = Two::new().await;
    let (ada, cyd) = (
        two.stage.principal("north", "ada").await,
        two.stage.principal("north", "cyd").await.subject,
    );
    let signed_in = two.stage.sign_in("cyd").await;
    let token = signed_in.token.expose();
    two.remember(token).await;
    two.one.set_role(ada, cyd, Role::Investor).await.unwrap();
    two.has(token, Some(Role::Investor), "another role").await;
    two.remember(token).await;
    two.one.add_member(ada.tenant, cyd, Role::Admin).await.unwrap();
    two.has(token, Some(Role::Admin), "another role by the operator").await;
    two.remember(token).await;
    two.one.suspend_tenant("north").await.unwrap();
    two.has(token, None, "suspended").await;
    two.one.resume_tenant("north").await.unwrap();
    two.has(token, Some(Role::Admin), "resumed").await;
    two.remember(token).await;
    two.one.remove_member(ada, cyd).await.unwrap();
    two.has(token, None, "removed").await;
    two.one.add_member(ada.tenant, cyd, Role::Member).await.unwrap();
    two.has(token, Some(Role::Member), "back").await;
    two.remember(token).await;
    two.one.set_password(cyd, secret(PASSWORD)).await.unwrap();
    two.is_refused(token, "a password by the operator").await;
    let again = two.stage.sign_in("cyd").await;
    two.remember(again.token.expose()).await;
    two.one.purge_tenant("north").await.unwrap();
    two.is_refused(again.token.expose(), "purged").await;
}

#[tokio::test]
async fn when_the_revocation_of_a_key_is_confirmed_no_process_takes_it() {
    let two = Two::new().await;
    let ada = two.stage.principal("north", "ada").await;
    let new = CreateApiKey {
        name: "nightly".to_owned(),
        role: Role::Member,
        scopes: Scopes::all(&["tenant"]),
        expires_at: None,
    };
    let key = two.one.create_api_key(ada, new).await.unwrap();
    two.remember(key.token.expose()).await;
    two.one.revoke_api_key(ada, key.id).await.unwrap();
    two.is_refused(key.token.expose(), "revoked").await;
}

#[tokio::test]
async fn readers_that_race_with_a_sign_out_are_refused_once_it_is_confirmed() {
    let two = Two::new().await;
    for _ in 0..5 {
        let ends = two.stage.sign_in("ada").await;
        let token = ends.token.expose();
        two.remember(token).await;
        let readers = (0..50).map(async |reader| {
            let identity = if reader % 2 == 0 { &two.one } else { &two.other };
            // Each asks again and again until it is refused, so that some answer of the database is under way at any moment.
            while role(identity, token).await.is_ok() {}
        });
        let sign_out = async {
            two.one.sign_out(&ends.session).await.unwrap();
            two.is_refused(token, "raced").await;
        };
        tokio::join!(sign_out, join_all(readers));
    }
}

#[tokio::test]
async fn of_many_who_come_at_once_with_one_token_one_asks_the_database() {
    let two = Two::new().await;
    let (warm, cold) = (two.stage.sign_in("bob").await, two.stage.sign_in("ada").await);
    let (warm, cold) = (warm.token.expose(), cold.token.expose());
    // Only under a lease does anybody wait for another: a slow machine may lose it on the way, so it is tried until one was held throughout.
    until("one asked for all", async || {
        remember(&two.one, warm).await;
        let before = two.one.session_cache();
        let asks = (0..500).map(|_| two.one.authenticate(cold, Some("north")));
        assert!(join_all(asks).await.iter().all(Result::is_ok));
        let after = two.one.session_cache();
        let asked = after.misses - before.misses;
        if asked != 1 {
            // Whoever is signed out everywhere is not in memory any more; the next round needs somebody who is not.
            two.stage.db.superuser().await.execute(FORGET_ADA, &[]).await.unwrap();
            until("ada is forgotten", async || {
                let misses = two.one.session_cache().misses;
                two.one.authenticate(cold, Some("north")).await.unwrap();
                (two.one.session_cache().misses > misses).then_some(())
            })
            .await;
        }
        (asked == 1).then_some(())
    })
    .await;
}

/// A change that every process hears of and that changes nothing.
const FORGET_ADA: &str =
    "update underpin.user_account set name = name where email_key = 'ada@example.com'";

#[tokio::test]
async fn a_change_that_commits_long_after_it_began_is_not_missed() {
    let two = Two::new().await;
    let ends = two.stage.sign_in("ada").await;
    let token = ends.token.expose();
    two.remember(token).await;
    let mut late = two.stage.db.superuser().await;
    let late = late.transaction().await.unwrap();
    let sql = "update underpin.session set revoked_at = underpin.now() where id = $1";
    late.execute(sql, &[&ends.session.id.uuid()]).await.unwrap();
    // Others begin and commit meanwhile, and both processes look.
    for _ in 0..3 {
        let other = two.stage.sign_in("bob").await;
        two.remember(other.token.expose()).await;
        two.one.sign_out(&other.session).await.unwrap();
        two.is_refused(other.token.expose(), "an early one").await;
        two.remember(token).await;
    }
    late.commit().await.unwrap();
    for identity in [&two.one, &two.other] {
        until("the late change is heard of", async || {
            role(identity, token).await.is_err().then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn more_changes_than_a_look_takes_are_not_missed() {
    let two = Two::new().await;
    let ends = two.stage.sign_in("ada").await;
    let token = ends.token.expose();
    two.remember(token).await;
    let client = two.stage.db.superuser().await;
    let sql = "with noise as (
                   insert into underpin.access_change (kind, subject)
                   select 'session', gen_random_uuid() from generate_series(1, 3000))
               update underpin.session set revoked_at = underpin.now() where id = $1";
    client.execute(sql, &[&ends.session.id.uuid()]).await.unwrap();
    for identity in [&two.one, &two.other] {
        until("it is heard of", async || role(identity, token).await.is_err().then_some(())).await;
    }
}

#[tokio::test]
async fn a_process_that_cannot_look_asks_the_database_each_time() {
    let two = Two::new().await;
    let ends = two.stage.sign_in("ada").await;
    let token = ends.token.expose();
    two.remember(token).await;
    // It goes on to answer, and hears of nothing.
    two.stop.cancel();
    two.one.sign_out(&ends.session).await.unwrap();
    two.is_refused(token, "deaf").await;
    let bob = two.stage.sign_in("bob").await;
    let misses = two.other.session_cache().misses;
    for _ in 0..3 {
        two.other.authenticate(bob.token.expose(), Some("north")).await.unwrap();
    }
    assert_eq!(two.other.session_cache().misses, misses + 3);
}

#[tokio::test]
async fn a_use_is_noted_each_minute_though_nobody_asks_the_database_between() {
    let two = Two::new().await;
    let signed_in = two.stage.sign_in("ada").await;
    let token = signed_in.token.expose();
    let seen = async || two.one.sessions(signed_in.session.user.id).await.unwrap()[0].last_seen_at;
    let began = seen().await;
    two.remember(token).await;
    two.stage.clock.advance(std::time::Duration::from_mins(1));
    two.remember(token).await;
    assert_eq!(seen().await, began + std::time::Duration::from_mins(1));
    // A session that ends by time ends in memory too.
    two.stage.clock.advance(std::time::Duration::from_hours(24 * 15));
    two.is_refused(token, "unused for 15 days").await;
}

#[tokio::test]
async fn who_becomes_a_member_is_let_in_at_once() {
    let two = Two::new().await;
    let signed_in = two.stage.sign_in("sue").await;
    let token = signed_in.token.expose();
    two.has(token, None, "no member yet").await;
    let _kept = two.other.authenticate(token, None).await.unwrap();
    two.one.add_member(two.stage.north, signed_in.session.user.id, Role::Member).await.unwrap();
    two.has(token, Some(Role::Member), "a member").await;
    assert_eq!(signed_in.session.user.email, email("sue"));
}

#[tokio::test]
async fn nobody_who_serves_a_tenant_reads_whose_access_changed() {
    let stage = Stage::new().await;
    let ada = stage.sign_in("ada").await;
    stage.identity.sign_out(&ada.session).await.unwrap();
    let read = async |scope: Scope| stage.db.db.query(scope, &CHANGES, &[]).await;
    assert!(!read(Scope::System(Purpose::Access)).await.unwrap().is_empty());
    let owner = stage.principal("north", "ada").await;
    for scope in [owner.into(), Scope::Account(ada.session.user.id)] {
        let refused = read(scope).await;
        assert!(refused.is_err(), "{refused:?}");
    }
}
