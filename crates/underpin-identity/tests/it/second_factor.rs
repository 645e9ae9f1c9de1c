use std::{fmt::Write as _, time::Duration};

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use underpin_base::Secret;
use underpin_identity::{
    AnswerChallenge, Challenge, Entry, Error, Origin, Result, Session, SignedIn,
    Standing::{Changed, Good},
};

use crate::stage::{PASSWORD, Stage, email, page};

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

/// An authenticator of its own make: it knows the base32 of a secret and the time.
struct Authenticator(Vec<u8>);

impl Authenticator {
    fn new(base32: &str) -> Self {
        let mut bits = String::new();
        for letter in base32.chars() {
            let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
            write!(bits, "{value:05b}").unwrap();
        }
        let bytes = bits
            .as_bytes()
            .chunks_exact(8)
            .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap());
        Self(bytes.collect())
    }

    fn code(&self, now: Timestamp) -> String {
        let step = now.as_second() / 30;
        let mac = Hmac::<sha1::Sha1>::new_from_slice(&self.0).unwrap();
        let digest = mac.chain_update(step.to_be_bytes()).finalize().into_bytes();
        let at = usize::from(digest[19] & 15);
        let word = u32::from_be_bytes(digest[at..at + 4].try_into().unwrap());
        format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
    }
}

/// Somebody with a second factor.
struct Person {
    session: Session,
    authenticator: Authenticator,
    recovery: Vec<Secret<String>>,
}

/// Enrol and confirm; then let the code's step pass.
async fn enrolled(stage: &Stage, name: &str) -> Person {
    let session = stage.sign_in(name).await.session;
    let origin = Origin::default();
    let enrolment = stage
        .identity
        .enrol_second_factor(&session, secret(PASSWORD), &origin, "Acme")
        .await
        .unwrap();
    let authenticator = Authenticator::new(enrolment.secret.expose());
    assert!(enrolment.uri.expose().starts_with("otpauth://totp/Acme:"));
    let code = authenticator.code(stage.now());
    let recovery = stage.identity.confirm_second_factor(&session, &code, &origin).await.unwrap();
    stage.clock.advance(Duration::from_mins(1));
    Person { session, authenticator, recovery }
}

async fn challenged(stage: &Stage, name: &str) -> Challenge {
    match stage.enter(&email(name), PASSWORD).await.unwrap() {
        Entry::Challenge(challenge) => challenge,
        Entry::SignedIn(_) => panic!("nobody asked {name} for a second factor"),
    }
}

async fn answer(stage: &Stage, challenge: &Challenge, code: &str) -> Result<SignedIn> {
    answer_from(stage, challenge, code, "192.0.2.1").await
}

async fn answer_from(
    stage: &Stage,
    challenge: &Challenge,
    code: &str,
    address: &str,
) -> Result<SignedIn> {
    let token = secret(challenge.token.expose());
    let origin = Origin { address: Some(address.parse().unwrap()), ..Origin::default() };
    let input = AnswerChallenge { token, code: secret(code), origin, former: None };
    stage.identity.answer_challenge(input).await
}

#[tokio::test]
async fn a_sign_in_takes_two_steps_once_a_second_factor_counts() {
    let stage = Stage::new().await;
    let person = enrolled(&stage, "ada").await;
    let challenge = challenged(&stage, "ada").await;
    let no_session = stage.identity.authenticate(challenge.token.expose(), None).await;
    assert!(matches!(no_session, Err(Error::Unauthenticated)), "a challenge is no session");
    let code = person.authenticator.code(stage.now());
    let signed_in = answer(&stage, &challenge, &code).await.unwrap();
    assert!(signed_in.session.second_factor);
    assert_eq!(signed_in.memberships.len(), 1);
    let known = stage.identity.authenticate(signed_in.token.expose(), Some("north")).await.unwrap();
    assert_eq!(known.session, signed_in.session);
    let again = answer(&stage, &challenge, &code).await;
    assert!(matches!(again, Err(Error::Unauthenticated)), "a challenge opens one session");
    stage.sign_in("bob").await;
}

#[tokio::test]
async fn a_begun_second_factor_does_not_count() {
    let stage = Stage::new().await;
    let session = stage.sign_in("ada").await.session;
    let origin = Origin::default();
    let wrong = stage.identity.enrol_second_factor(&session, secret("not it"), &origin, "x").await;
    assert!(matches!(wrong, Err(Error::Invalid { field: "password", .. })), "{wrong:?}");
    stage.identity.enrol_second_factor(&session, secret(PASSWORD), &origin, "x").await.unwrap();
    stage.sign_in("ada").await;
    let refused = stage.identity.confirm_second_factor(&session, "000000", &origin).await;
    assert!(matches!(refused, Err(Error::Invalid { field: "code", .. })), "{refused:?}");
    assert_eq!(stage.identity.second_factor(session.user.id).await.unwrap().enabled_at, None);
    // Begun anew: the first secret is worth nothing.
    stage.identity.enrol_second_factor(&session, secret(PASSWORD), &origin, "x").await.unwrap();
    let bob = stage.sign_in("bob").await.session;
    let none = stage.identity.confirm_second_factor(&bob, "000000", &origin).await;
    assert!(matches!(none, Err(Error::NotFound(_))), "{none:?}");
}

#[tokio::test]
async fn confirming_ends_the_sessions_that_never_showed_it_but_this_one() {
    let stage = Stage::new().await;
    let other = stage.sign_in("ada").await.token;
    let person = enrolled(&stage, "ada").await;
    assert!(stage.identity.authenticate(other.expose(), None).await.is_err());
    let again = stage
        .identity
        .enrol_second_factor(&person.session, secret(PASSWORD), &Origin::default(), "x")
        .await;
    assert!(matches!(again, Err(Error::SecondFactorExists)), "{again:?}");
    let factor = stage.identity.second_factor(person.session.user.id).await.unwrap();
    assert!(factor.enabled_at.is_some());
    assert_eq!((factor.recovery_codes_left, person.recovery.len()), (10, 10));
}

#[tokio::test]
async fn a_code_is_taken_once_whatever_it_answers() {
    let stage = Stage::new().await;
    let person = enrolled(&stage, "ada").await;
    let (one, two) = (challenged(&stage, "ada").await, challenged(&stage, "ada").await);
    let code = person.authenticator.code(stage.now());
    // Two rivals with two challenges and one code.
    let (a, b) = tokio::join!(
        answer_from(&stage, &one, &code, "192.0.2.1"),
        answer_from(&stage, &two, &code, "192.0.2.2")
    );
    let taken = [&a, &b].iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(taken, 1, "{a:?} {b:?}");
    let third = challenged(&stage, "ada").await;
    let replayed = answer(&stage, &third, &code).await;
    assert!(matches!(replayed, Err(Error::WrongCode)), "{replayed:?}");
    // Nor the code of the step before it, though it is not too late.
    let earlier = person.authenticator.code(stage.now() - Duration::from_secs(30));
    assert!(matches!(answer(&stage, &third, &earlier).await, Err(Error::WrongCode)));
    stage.clock.advance(Duration::from_secs(30));
    let next = person.authenticator.code(stage.now());
    answer(&stage, &third, &next).await.unwrap();
}

#[tokio::test]
async fn recovery_codes_stand_in_once_each() {
    let stage = Stage::new().await;
    let person = enrolled(&stage, "ada").await;
    let code = person.recovery[3].expose().to_uppercase();
    answer(&stage, &challenged(&stage, "ada").await, &code).await.unwrap();
    let again = answer(&stage, &challenged(&stage, "ada").await, &code).await;
    assert!(matches!(again, Err(Error::WrongCode)), "{again:?}");
    let factor = stage.identity.second_factor(person.session.user.id).await.unwrap();
    assert_eq!(factor.recovery_codes_left, 9);
    let totp = person.authenticator.code(stage.now());
    let proof = (secret(PASSWORD), totp.as_str());
    let fresh = stage
        .identity
        .renew_recovery_codes(&person.session, proof, &Origin::default())
        .await
        .unwrap();
    let old = person.recovery[4].expose();
    assert!(answer(&stage, &challenged(&stage, "ada").await, old).await.is_err());
    answer(&stage, &challenged(&stage, "ada").await, fresh[4].expose()).await.unwrap();
    let sql = "select string_agg(c::text, '') || string_agg(f::text, '')
               from underpin.recovery_code c, underpin.second_factor f";
    let stored: String = stage.db.superuser().await.query_one(sql, &[]).await.unwrap().get(0);
    for code in fresh {
        assert!(
            !stored.contains(code.expose()) && !stored.contains(&code.expose().replace('-', ""))
        );
    }
}

#[tokio::test]
async fn a_challenge_is_answered_in_time_and_in_five_tries() {
    let stage = Stage::new().await;
    let person = enrolled(&stage, "ada").await;
    let late = challenged(&stage, "ada").await;
    stage.clock.advance(Duration::from_mins(5));
    let code = person.authenticator.code(stage.now());
    assert!(matches!(answer(&stage, &late, &code).await, Err(Error::Unauthenticated)));
    let tried = challenged(&stage, "ada").await;
    for place in 0..5 {
        let address = format!("198.51.100.{place}");
        let wrong = answer_from(&stage, &tried, "000000", &address).await;
        assert!(matches!(wrong, Err(Error::WrongCode)), "{place}: {wrong:?}");
    }
    let right = answer_from(&stage, &tried, &code, "198.51.100.9").await;
    assert!(matches!(right, Err(Error::Unauthenticated)), "{right:?}");
    answer_from(&stage, &challenged(&stage, "ada").await, &code, "198.51.100.9").await.unwrap();
}

#[tokio::test]
async fn five_wrong_codes_from_one_place_or_fifteen_in_all_are_enough() {
    let stage = Stage::new().await;
    let person = enrolled(&stage, "ada").await;
    let mut challenge = challenged(&stage, "ada").await;
    for number in 0..15 {
        if number % 5 == 0 {
            challenge = challenged(&stage, "ada").await;
        }
        let address = format!("198.51.100.{}", number / 5);
        let wrong = answer_from(&stage, &challenge, "000000", &address).await;
        assert!(matches!(wrong, Err(Error::WrongCode)), "{number}: {wrong:?}");
        if number % 5 == 4 {
            let next = challenged(&stage, "ada").await;
            let blocked = answer_from(&stage, &next, "000000", &address).await;
            assert!(matches!(blocked, Err(Error::Throttled { .. })), "{number}: {blocked:?}");
        }
    }
    let code = person.authenticator.code(stage.now());
    let next = challenged(&stage, "ada").await;
    let elsewhere = answer_from(&stage, &next, &code, "203.0.113.9").await;
    assert!(matches!(elsewhere, Err(Error::Throttled { .. })), "{elsewhere:?}");
    stage.clock.advance(Duration::from_mins(15));
    let code = person.authenticator.code(stage.now());
    answer(&stage, &challenged(&stage, "ada").await, &code).await.unwrap();
}

#[tokio::test]
async fn turning_it_off_takes_the_password_and_a_code() {
    let stage = Stage::new().await;
    let person = enrolled(&stage, "ada").await;
    let origin = Origin::default();
    let code = person.authenticator.code(stage.now());
    for (password, code, field) in
        [("not it at all", code.as_str(), "password"), (PASSWORD, "000000", "code")]
    {
        let proof = (secret(password), code);
        let refused = stage.identity.disable_second_factor(&person.session, proof, &origin).await;
        let Err(Error::Invalid { field: named, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(named, field);
    }
    let proof = (secret(PASSWORD), code.as_str());
    stage.identity.disable_second_factor(&person.session, proof, &origin).await.unwrap();
    assert!(!stage.sign_in("ada").await.session.second_factor);
    let factor = stage.identity.second_factor(person.session.user.id).await.unwrap();
    assert_eq!((factor.enabled_at, factor.recovery_codes_left), (None, 0));
}

#[tokio::test]
async fn a_tenant_may_want_a_second_factor_of_its_staff() {
    let stage = Stage::new().await;
    let ada = stage.principal("north", "ada").await;
    let plain = stage.sign_in("ada").await.session;
    let refused = stage.identity.require_second_factor(ada, &plain, true).await;
    assert!(matches!(refused, Err(Error::SecondFactorNeeded)), "nobody locks themselves out");
    let person = enrolled(&stage, "ada").await;
    let challenge = challenged(&stage, "ada").await;
    let code = person.authenticator.code(stage.now());
    let shown = answer(&stage, &challenge, &code).await.unwrap();
    let bob = stage.principal("north", "bob").await;
    let forbidden = stage.identity.require_second_factor(bob, &shown.session, true).await;
    assert!(matches!(forbidden, Err(Error::Forbidden)));
    let cyd = stage.sign_in("cyd").await;
    let cyd_open = (cyd.session.id, stage.principal("north", "cyd").await);
    let ada_open = (shown.session.id, ada);
    stage.identity.require_second_factor(ada, &shown.session, true).await.unwrap();
    assert!(stage.identity.is_second_factor_required(ada).await.unwrap());
    let barred =
        async |token: &str| stage.identity.authenticate(token, Some("north")).await.unwrap().barred;
    assert!(barred(cyd.token.expose()).await);
    assert!(!barred(shown.token.expose()).await);
    assert!(!barred(stage.sign_in("ivy").await.token.expose()).await, "an outside person");
    assert_eq!(stage.identity.standings(&[cyd_open, ada_open]).await.unwrap(), [Changed, Good]);
    let cyd = enrolled(&stage, "cyd").await;
    let open = [(cyd.session.id, cyd_open.1)];
    assert_eq!(stage.identity.standings(&open).await.unwrap(), [Good], "confirmed here");
    stage.identity.require_second_factor(ada, &shown.session, false).await.unwrap();
}

#[tokio::test]
async fn the_trail_of_an_account_tells_of_its_second_factor() {
    let stage = Stage::with_mail().await;
    let person = enrolled(&stage, "ada").await;
    let challenge = challenged(&stage, "ada").await;
    answer(&stage, &challenge, "000000").await.unwrap_err();
    let code = person.authenticator.code(stage.now());
    answer(&stage, &challenge, &code).await.unwrap();
    let user = person.session.user.id;
    let trail = stage.identity.account_trail(user, &page(), "trail").await.unwrap();
    let actions: Vec<&str> =
        trail.items.iter().map(|listed| listed.entry.action.as_str()).collect();
    assert_eq!(
        actions,
        ["session.opened", "second_factor.wrong", "second_factor.enabled", "session.opened"]
    );
    assert_eq!(trail.items[0].entry.detail, r#"{"second_factor":"totp"}"#);
    let mail = stage.mails("ada", 1).await.remove(0);
    assert_eq!(mail.kind, "identity.second_factor_on");
}

#[tokio::test]
async fn junk_challenges_ask_nobody() {
    let stage = Stage::new().await;
    let session = stage.sign_in("ada").await.token;
    stage.db.db.close();
    for junk in ["", "junk", session.expose()] {
        let input = AnswerChallenge {
            token: secret(junk),
            code: secret("000000"),
            origin: Origin::default(),
            former: None,
        };
        let refused = stage.identity.answer_challenge(input).await;
        assert!(matches!(refused, Err(Error::Unauthenticated)), "{refused:?}");
    }
}
