use std::time::Duration;

use underpin_base::{Role, Secret};
use underpin_db::Wake;
use underpin_identity::{Error, Origin, SessionId, SessionKind, SignIn, Standing, TOKEN_CHARS};
use uuid::Uuid;

use crate::stage::{PASSWORD, Stage, email, page, sign_in};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_token_with_one_bit_changed_asks_no_database() {
    let stage = Stage::new().await;
    let token = stage.sign_in("ada").await.token.expose().to_owned();
    stage.db.db.close();
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        let refused = stage.identity.authenticate(&changed, Some("north")).await.unwrap_err();
        assert!(matches!(refused, Error::Unauthenticated), "{at}: {refused:?}");
    }
    let asked = stage.identity.authenticate(&token, Some("north")).await.unwrap_err();
    assert!(matches!(asked, Error::Db(_)), "the right token does ask: {asked:?}");
}

#[tokio::test]
async fn a_hundred_thousand_junk_tokens_ask_no_database() {
    let stage = Stage::new().await;
    // Whoever asked it would hear that it is away.
    stage.db.db.close();
    for number in 0..100_000 {
        let noise = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let junk = match number % 5 {
            0 => noise[..TOKEN_CHARS].to_owned(),
            1 => format!("uk_{}", &noise[..TOKEN_CHARS]),
            2 => noise[..number % TOKEN_CHARS].to_owned(),
            3 => noise.repeat(8),
            _ => format!("\u{e4}{}", &noise[..TOKEN_CHARS - 2]),
        };
        let refused = stage.identity.authenticate(&junk, Some("north")).await.unwrap_err();
        assert!(matches!(refused, Error::Unauthenticated), "{junk}: {refused:?}");
    }
}

#[tokio::test]
async fn signing_out_here_ends_this_session_and_no_other() {
    let stage = Stage::new().await;
    let (here, there) = (stage.sign_in("ada").await, stage.sign_in("ada").await);
    stage.identity.sign_out(&here.session).await.unwrap();
    stage.identity.sign_out(&here.session).await.unwrap();
    assert!(stage.identity.authenticate(here.token.expose(), None).await.is_err());
    assert!(stage.identity.authenticate(there.token.expose(), None).await.is_ok());
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_of_ones_own_and_nobody_elses() {
    let stage = Stage::new().await;
    let (one, two) = (stage.sign_in("ada").await, stage.sign_in("ada").await);
    let other = stage.sign_in("bob").await;
    stage.identity.sign_out_everywhere(one.session.user.id).await.unwrap();
    assert!(stage.identity.authenticate(one.token.expose(), None).await.is_err());
    assert!(stage.identity.authenticate(two.token.expose(), None).await.is_err());
    assert!(stage.identity.authenticate(other.token.expose(), None).await.is_ok());
}

#[tokio::test]
async fn one_session_of_a_list_can_be_ended_by_its_person_only() {
    let stage = Stage::new().await;
    let (one, two) = (stage.sign_in("ada").await, stage.sign_in("ada").await);
    let ada = one.session.user.id;
    let bob = stage.sign_in("bob").await.session.user.id;
    let listed = stage.identity.sessions(ada).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].address.as_deref(), Some("192.0.2.1"));
    for (user, session) in [(bob, one.session.id), (ada, SessionId::new())] {
        let missing = stage.identity.end_session(user, session).await.unwrap_err();
        assert!(matches!(missing, Error::NotFound(_)), "{missing:?}");
    }
    stage.identity.end_session(ada, one.session.id).await.unwrap();
    let left = stage.identity.sessions(ada).await.unwrap();
    assert_eq!(left.iter().map(|s| s.id).collect::<Vec<_>>(), [two.session.id]);
}

#[tokio::test]
async fn a_cookie_lives_14_days_from_its_last_use_and_a_bearer_token_90_from_its_first() {
    let stage = Stage::new().await;
    let cookie = stage.sign_in("ada").await.token;
    let input =
        SignIn { kind: SessionKind::Token, ..sign_in(&email("ada"), PASSWORD, "192.0.2.1") };
    let bearer = stage.identity.sign_in(input).await.unwrap().signed_in().unwrap().token;
    for _ in 0..8 {
        stage.clock.advance(11 * DAY);
        stage.identity.authenticate(cookie.expose(), None).await.unwrap();
        stage.identity.authenticate(bearer.expose(), None).await.unwrap();
    }
    stage.clock.advance(3 * DAY);
    assert!(stage.identity.authenticate(bearer.expose(), None).await.is_err(), "91 days");
    stage.clock.advance(11 * DAY);
    assert!(stage.identity.authenticate(cookie.expose(), None).await.is_err(), "14 days unused");
}

#[tokio::test]
async fn a_use_is_noted_once_a_minute_and_the_end_moves_once_in_a_tenth_of_the_life() {
    let stage = Stage::new().await;
    let signed_in = stage.sign_in("ada").await;
    let token = signed_in.token.expose();
    let seen =
        async || stage.identity.sessions(signed_in.session.user.id).await.unwrap()[0].last_seen_at;
    let began = seen().await;
    stage.clock.advance(Duration::from_secs(59));
    stage.identity.authenticate(token, Some("north")).await.unwrap();
    assert_eq!(seen().await, began);
    stage.clock.advance(Duration::from_secs(1));
    let known = stage.identity.authenticate(token, Some("north")).await.unwrap();
    assert_eq!(seen().await, began + Duration::from_mins(1));
    assert_eq!(known.session.expires_at, signed_in.session.expires_at);
    let page = underpin_base::PageQuery { limit: 1, cursor: None };
    let here = stage.identity.members(known.principal().unwrap(), &page, "members").await.unwrap();
    // The place was noted with the first call there, and is not due yet.
    assert_eq!(here.items[0].last_seen_at, Some(began + Duration::from_secs(59)));
    stage.clock.advance(2 * DAY);
    let known = stage.identity.authenticate(token, Some("north")).await.unwrap();
    assert!(known.session.expires_at > signed_in.session.expires_at + DAY);
}

#[tokio::test]
async fn a_person_is_seen_in_each_tenant_with_their_first_call_there() {
    let stage = Stage::new().await;
    let signed_in = stage.sign_in("ada").await;
    let ada = signed_in.session.user.id;
    stage.identity.add_member(stage.south, ada, Role::Member).await.unwrap();
    for slug in ["north", "south"] {
        let known =
            stage.identity.authenticate(signed_in.token.expose(), Some(slug)).await.unwrap();
        let (here, all) = (known.principal().unwrap(), page());
        let members = stage.identity.members(here, &all, "members").await.unwrap().items;
        let own = members.iter().find(|member| member.user.id == ada).unwrap();
        assert_eq!(own.last_seen_at, Some(stage.now()), "{slug}");
    }
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session() {
    let stage = Stage::new().await;
    let (here, there) = (stage.sign_in("ada").await, stage.sign_in("ada").await);
    let secret = |text: &str| Secret::new(text.to_owned());
    let new = "a much better password";
    let change = async |current: &str, new: &str| {
        stage
            .identity
            .change_password(&here.session, secret(current), secret(new), &Origin::default())
            .await
    };
    let wrong = change("not the password", new).await.unwrap_err();
    assert!(matches!(wrong, Error::Invalid { field: "current", .. }), "{wrong:?}");
    let short = change(PASSWORD, "short").await.unwrap_err();
    assert!(matches!(short, Error::Invalid { field: "new", .. }), "{short:?}");
    change(PASSWORD, new).await.unwrap();
    assert!(stage.identity.authenticate(here.token.expose(), None).await.is_ok());
    assert!(stage.identity.authenticate(there.token.expose(), None).await.is_err());
    assert!(stage.try_sign_in(&email("ada"), PASSWORD).await.is_err());
    stage.try_sign_in(&email("ada"), new).await.unwrap();
}

#[tokio::test]
async fn a_tenant_one_is_not_in_is_the_same_as_none() {
    let stage = Stage::new().await;
    let token = stage.sign_in("ada").await.token;
    for slug in ["south", "nowhere", "x", "\0", "NORTH", ""] {
        let known = stage.identity.authenticate(token.expose(), Some(slug)).await.unwrap();
        assert_eq!(known.membership, None, "{slug:?}");
    }
}

#[tokio::test]
async fn a_connection_stands_as_long_as_session_membership_and_role_do() {
    let stage = Stage::new().await;
    let signed_in = stage.sign_in("cyd").await;
    let (session, ada) = (signed_in.session.id, stage.principal("north", "ada").await);
    let cyd = stage.principal("north", "cyd").await;
    let of_ada = (stage.sign_in("ada").await.session.id, ada);
    let stands = async || {
        let asked = [(session, cyd), of_ada, (session, cyd)];
        let standings = stage.identity.standings(&asked).await.unwrap();
        assert_eq!((standings.len(), standings[1]), (3, Standing::Good));
        assert_eq!(standings[0], standings[2]);
        standings[0]
    };
    assert_eq!(stands().await, Standing::Good);
    stage.identity.set_role(ada, cyd.subject, Role::Investor).await.unwrap();
    assert_eq!(stands().await, Standing::Changed);
    stage.identity.set_role(ada, cyd.subject, Role::Member).await.unwrap();
    assert_eq!(stands().await, Standing::Good);
    stage.identity.remove_member(ada, cyd.subject).await.unwrap();
    assert_eq!(stands().await, Standing::Changed);
    stage.identity.sign_out(&signed_in.session).await.unwrap();
    assert_eq!(stands().await, Standing::SignedOut);
    // Somebody else's session is none, and a session ends with time too.
    let mixed = [(session, ada), (of_ada.0, cyd)];
    let standings = stage.identity.standings(&mixed).await.unwrap();
    assert_eq!(standings, [Standing::SignedOut; 2]);
    stage.clock.advance(100 * DAY);
    assert_eq!(stage.identity.standings(&[of_ada]).await.unwrap(), [Standing::SignedOut]);
}

#[tokio::test]
async fn whatever_ends_access_hints_the_guards() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let cyd = stage.principal("north", "cyd").await;
    let mut hints = stage.db.db.wakes().listen(Wake::Access);
    let mut hinted = async |what: &str| {
        let wait = hints.wait(Duration::from_hours(1));
        tokio::time::timeout(Duration::from_mins(2), wait).await.expect(what);
    };
    let one = stage.sign_in("cyd").await;
    stage.identity.sign_out(&one.session).await.unwrap();
    hinted("sign out").await;
    stage.identity.sign_out_everywhere(cyd.subject).await.unwrap();
    hinted("sign out everywhere").await;
    let two = stage.sign_in("cyd").await;
    stage.identity.sign_out_token(two.token.expose()).await.unwrap();
    hinted("a presented token").await;
    stage.identity.set_role(ada, cyd.subject, Role::Investor).await.unwrap();
    hinted("role").await;
    stage.identity.add_member(ada.tenant, cyd.subject, Role::Member).await.unwrap();
    hinted("role by the operator").await;
    stage.identity.remove_member(ada, cyd.subject).await.unwrap();
    hinted("removed").await;
}

#[tokio::test]
async fn the_sweeper_deletes_what_ended_long_ago() {
    let stage = Stage::new().await;
    let signed_in = stage.sign_in("ada").await;
    stage.try_sign_in(&email("nobody"), "not the password").await.unwrap_err();
    let swept = stage.identity.sweep().await.unwrap();
    assert_eq!((swept.sessions, swept.attempts), (0, 0));
    stage.identity.sign_out(&signed_in.session).await.unwrap();
    stage.clock.advance(31 * DAY);
    let swept = stage.identity.sweep().await.unwrap();
    // Nobody's two counts, and ada's in all.
    assert_eq!((swept.sessions, swept.attempts), (1, 3));
}
