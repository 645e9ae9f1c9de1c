use jiff::Timestamp;
use serde_json::json;
use underpin_base::{Secret, UserId};
use underpin_db::{Scope, Tx};

use super::{
    sign_in::{Fresh, SignedIn},
    throttle::code_of,
    trail::record_account,
};
use crate::{
    Error, Identity, Result, TokenDigest,
    model::{Origin, Session, User},
    recovery,
    store::{
        factors::{self, Waiting},
        sessions, users,
    },
    token::TokenPurpose,
    totp::TotpSecret,
    trail::{Act, Actor},
};

/// Codes that one waiting sign-in takes before it waits no more.
const TRIES_MAX: i32 = 5;

/// What the holder of a challenge gives.
#[derive(Debug, Clone)]
pub struct AnswerChallenge {
    /// The challenge's token.
    pub token: Secret<String>,
    /// The code of their authenticator, or a recovery code.
    pub code: Secret<String>,
    /// Where they are.
    pub origin: Origin,
    /// A session's token that the same browser presented: its session ends.
    pub former: Option<Secret<String>>,
}

/// What a second factor was shown by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Totp,
    RecoveryCode,
}

impl Shown {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
        }
    }
}

impl Identity {
    /// Finish a sign-in with a second factor.
    ///
    /// Keeps: a challenge opens one session; a code is taken once, by whoever is first, whatever challenge it answers.
    /// Errors: `Unauthenticated` for junk (without asking the database), for a challenge that was answered, is too late or was tried
    /// five times; `WrongCode`; `Throttled`.
    pub async fn answer_challenge(&self, input: AnswerChallenge) -> Result<SignedIn> {
        let AnswerChallenge { token, code, origin, former } = input;
        let digest = self.keys().digest(TokenPurpose::Challenge, token.expose());
        let digest = digest.ok_or(Error::Unauthenticated)?;
        let now = self.now();
        let waiting = factors::find_challenge(self.db(), &digest, now, TRIES_MAX).await?;
        let waiting = waiting.ok_or(Error::Unauthenticated)?;
        let tried = code_of(waiting.user, origin.address);
        self.charge(&tried).await?;
        if let Some(former) = former {
            self.sign_out_token(former.expose()).await?;
        }
        let token = self.keys().mint(TokenPurpose::Session);
        let digest = token.digest();
        let open = Fresh::new(waiting.user, waiting.kind, now, &origin);
        let answer = Answer { waiting, code: code.expose(), open: &open, digest: &digest };
        let (answer, origin) = (&answer, &origin);
        let user = self
            .db()
            .transact(Scope::Account(waiting.user), |tx, _| {
                Box::pin(self.judge(tx, answer, origin, now))
            })
            .await?
            .ok_or(Error::WrongCode)?;
        self.forgive(&tried).await?;
        let memberships = self.memberships(waiting.user).await?;
        let new = open.session(&digest, Some(now));
        let (id, kind, expires_at) = (new.id, waiting.kind, new.expires_at);
        let session = Session { id, user, kind, expires_at, second_factor: true };
        Ok(SignedIn { session, token, memberships })
    }

    /// Judge an answer in one transaction, which commits either way: a try counts, and a wrong one is in the trail.
    async fn judge(
        &self,
        tx: &mut Tx,
        answer: &Answer<'_>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Option<User>> {
        let Answer { waiting: Waiting { id, user, .. }, code, open, digest } = *answer;
        if !factors::try_challenge(tx, id, now, TRIES_MAX).await? {
            return Err(Error::Unauthenticated);
        }
        let by = Actor::Person(user);
        let Some(shown) = self.show_second_factor(tx, user, code, now).await? else {
            let act = Act::new("second_factor.wrong").from(origin.address);
            record_account(tx, user, now, (by, act)).await?;
            return Ok(None);
        };
        if !factors::use_challenge(tx, id, now).await? {
            return Err(Error::Unauthenticated);
        }
        let new = open.session(digest, Some(now));
        sessions::insert(tx, &new).await?;
        let act = Act::new("session.opened").on("session", new.id).from(origin.address);
        let act = act.detail(json!({ "second_factor": shown.as_str() }));
        record_account(tx, user, now, (by, act)).await?;
        users::find(tx, user).await
    }

    /// Take a code of a person's second factor, or one of the codes that stand in for it; `None` if it is wrong, or was taken before.
    pub(super) async fn show_second_factor(
        &self,
        tx: &mut Tx,
        user: UserId,
        code: &str,
        now: Timestamp,
    ) -> Result<Option<Shown>> {
        let code = code.trim();
        if let Some(digest) = recovery::digest(user, code) {
            let was_left = factors::use_code(tx, user, &digest, now).await?;
            return Ok(was_left.then_some(Shown::RecoveryCode));
        }
        let Some(factor) = factors::find(tx, user).await? else { return Ok(None) };
        if factor.confirmed_at.is_none() {
            return Ok(None);
        }
        let secret = self.open_secret(user, &factor.secret)?;
        let Some(step) = secret.step_of(code, now) else { return Ok(None) };
        let taken = factors::take_step(tx, user, step).await?;
        Ok(taken.then_some(Shown::Totp))
    }

    /// The secret of a person's authenticator.
    pub(super) fn open_secret(&self, user: UserId, sealed: &[u8]) -> Result<TotpSecret> {
        let plain = self.keys().seal().open(&place(user), sealed);
        let secret = plain.as_deref().and_then(TotpSecret::from_bytes);
        secret.ok_or(Error::Corrupt("second factor"))
    }
}

/// Where a person's secret is sealed for.
pub(super) fn place(user: UserId) -> String {
    format!("second-factor/{user}")
}

/// An answer to a challenge.
#[derive(Clone, Copy)]
struct Answer<'a> {
    waiting: Waiting,
    code: &'a str,
    open: &'a Fresh,
    digest: &'a TokenDigest,
}
