use std::time::Duration;

use underpin_base::Secret;
use underpin_db::watch::Watch;
use underpin_identity::{Error, SignIn};

use crate::stage::{PASSWORD, Stage, email, sign_in};

#[tokio::test]
async fn the_right_password_opens_a_session_with_ones_tenants() {
    let stage = Stage::new().await;
    let signed_in = stage.try_sign_in(" ADA@Example.com ", PASSWORD).await.unwrap();
    assert_eq!(signed_in.session.user.email, "ada@example.com");
    assert_eq!(signed_in.memberships.len(), 1);
    assert_eq!(signed_in.memberships[0].tenant.slug, "north");
    let known = stage.identity.authenticate(signed_in.token.expose(), Some("north")).await.unwrap();
    assert_eq!(known.session, signed_in.session);
    assert_eq!(known.principal().unwrap().tenant, stage.north);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_mail_are_the_same() {
    let stage = Stage::new().await;
    let wrong = stage.try_sign_in(&email("ada"), "not the password").await.unwrap_err();
    let unknown = stage.try_sign_in(&email("nobody"), "not the password").await.unwrap_err();
    assert!(matches!(wrong, Error::WrongCredentials), "{wrong:?}");
    assert!(matches!(unknown, Error::WrongCredentials), "{unknown:?}");
    assert_eq!(wrong.to_string(), unknown.to_string());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_mail_cost_the_same() {
    let stage = Stage::new().await;
    let mut work = Vec::new();
    for name in ["ada", "nobody"] {
        let watch = Watch::new();
        let mail = email(name);
        watch.clone().over(stage.try_sign_in(&mail, "not the password")).await.unwrap_err();
        work.push(watch.totals().0);
    }
    assert_eq!(work[0], work[1], "statements");
}

#[tokio::test]
async fn ten_tries_block_known_and_unknown_mails_alike_for_a_quarter_of_an_hour() {
    let stage = Stage::new().await;
    for mail in [email("ada"), email("nobody")] {
        for _ in 0..10 {
            let refused = stage.try_sign_in(&mail, "not the password").await.unwrap_err();
            assert!(matches!(refused, Error::WrongCredentials), "{mail}: {refused:?}");
        }
        stage.clock.advance(Duration::from_mins(1));
        let refused = stage.try_sign_in(&mail, PASSWORD).await.unwrap_err();
        let Error::Throttled { retry_after } = refused else { panic!("{mail}: {refused:?}") };
        assert_eq!(retry_after, Duration::from_mins(14), "{mail}");
    }
    // From elsewhere the owner gets in, and the block here stays.
    let elsewhere = sign_in(&email("ada"), PASSWORD, "198.51.100.7");
    stage.identity.sign_in(elsewhere).await.unwrap();
    assert!(stage.try_sign_in(&email("ada"), PASSWORD).await.is_err());
    stage.clock.advance(Duration::from_mins(14));
    stage.try_sign_in(&email("ada"), PASSWORD).await.unwrap();
}

#[tokio::test]
async fn many_tries_at_once_are_no_way_around_the_limit() {
    let stage = Stage::new().await;
    let mail = email("ada");
    // One that found no thread in time was not a try, and is tried again.
    let one_try = async || {
        loop {
            match stage.try_sign_in(&mail, "not the password").await {
                Err(Error::Overloaded) => {}
                answer => return answer,
            }
        }
    };
    let tries = (0..30).map(|_| one_try());
    let answers = futures_util::future::join_all(tries).await;
    let checked = answers.iter().filter(|a| matches!(a, Err(Error::WrongCredentials))).count();
    let blocked = answers.iter().filter(|a| matches!(a, Err(Error::Throttled { .. }))).count();
    assert_eq!((checked, blocked), (10, 20));
}

#[tokio::test]
async fn fifty_tries_from_many_places_block_the_account() {
    let stage = Stage::new().await;
    for place in 0..50 {
        let address = format!("2001:db8:0:{place:x}::1");
        let refused = stage.identity.sign_in(sign_in(&email("ada"), "wrong wrong wrong", &address));
        assert!(matches!(refused.await, Err(Error::WrongCredentials)), "{place}");
    }
    let refused = stage.try_sign_in(&email("ada"), PASSWORD).await.unwrap_err();
    assert!(matches!(refused, Error::Throttled { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_right_password_clears_the_tries_before_it() {
    let stage = Stage::new().await;
    for _ in 0..3 {
        for _ in 0..9 {
            stage.try_sign_in(&email("ada"), "not the password").await.unwrap_err();
        }
        stage.try_sign_in(&email("ada"), PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn a_token_presented_at_sign_in_is_dead_after_it() {
    let stage = Stage::new().await;
    let planted = stage.sign_in("sue").await.token;
    let former = Some(Secret::new(planted.expose().to_owned()));
    let input = SignIn { former, ..sign_in(&email("ada"), PASSWORD, "192.0.2.1") };
    let fresh = stage.identity.sign_in(input).await.unwrap().signed_in().unwrap().token;
    let dead = stage.identity.authenticate(planted.expose(), None).await.unwrap_err();
    assert!(matches!(dead, Error::Unauthenticated), "{dead:?}");
    stage.identity.authenticate(fresh.expose(), None).await.unwrap();
}

#[tokio::test]
async fn rubbish_is_refused_before_anything_is_asked() {
    let stage = Stage::new().await;
    stage.db.db.close();
    for mail in ["", "ada", "a\0@b", "ada@example.com\n"] {
        let refused = stage.try_sign_in(mail, PASSWORD).await;
        let asked = matches!(&refused, Err(Error::Db(_)));
        // The last one is an address with a blank at its end: only that may reach the database.
        assert_eq!(asked, mail == "ada@example.com\n", "{mail:?}: {refused:?}");
    }
}
