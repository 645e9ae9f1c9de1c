use jiff::Timestamp;
use serde_json::json;
use underpin_base::{Principal, Role, Secret, UserId};
use underpin_db::{Scope, Tx};
use underpin_mail::Template;

use super::{
    answer_challenge::place,
    throttle::code_of,
    trail::{record, record_account},
};
use crate::{
    Error, Identity, Result, mails,
    model::{Email, Origin, Session},
    recovery,
    store::{factors, sessions, tenants, users::Credentials},
    totp::TotpSecret,
    trail::{Act, Actor},
};

/// How a person's second factor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondFactor {
    /// Since when it counts; `None` if there is none that does.
    pub enabled_at: Option<Timestamp>,
    /// Recovery codes that were not used.
    pub recovery_codes_left: i64,
}

/// What an authenticator is fed with; shown this once.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// To be typed.
    pub secret: Secret<String>,
    /// To be shown as a picture.
    pub uri: Secret<String>,
}

impl Identity {
    /// How a person's second factor stands.
    pub async fn second_factor(&self, user: UserId) -> Result<SecondFactor> {
        let found = self
            .db()
            .transact(Scope::Account(user), |tx, _| Box::pin(factors::find(tx, user)))
            .await?;
        let counts = found.filter(|factor| factor.confirmed_at.is_some());
        Ok(SecondFactor {
            enabled_at: counts.as_ref().and_then(|factor| factor.confirmed_at),
            recovery_codes_left: counts.map_or(0, |factor| factor.recovery_codes_left),
        })
    }

    /// Begin a second factor; it counts once a code of it was shown. `issuer` is what authenticators call this deployment.
    ///
    /// Errors: `SecondFactorExists`; a wrong password as in [`Identity::change_password`], field `password`: a stolen session must not
    /// lock its person out.
    pub async fn enrol_second_factor(
        &self,
        session: &Session,
        password: Secret<String>,
        origin: &Origin,
        issuer: &str,
    ) -> Result<Enrolment> {
        self.confirm_person(session, password, origin, "password").await?;
        let (user, now, secret) = (session.user.id, self.now(), TotpSecret::new());
        let sealed = &self.keys().seal().close(&place(user), secret.as_bytes());
        let begun = self
            .db()
            .transact(Scope::Account(user), |tx, _| Box::pin(factors::enrol(tx, user, sealed, now)))
            .await?;
        if !begun {
            return Err(Error::SecondFactorExists);
        }
        let uri = Secret::new(secret.uri(issuer, &session.user.email));
        Ok(Enrolment { secret: Secret::new(secret.base32()), uri })
    }

    /// Let a second factor count, by a code of it; gives the recovery codes, which are shown this once.
    ///
    /// Effects: every other session of the person ends; this one has shown its second factor.
    /// Errors: `NotFound` if none was begun; `Invalid` with field `code`; `Throttled`.
    pub async fn confirm_second_factor(
        &self,
        session: &Session,
        code: &str,
        origin: &Origin,
    ) -> Result<Vec<Secret<String>>> {
        let (user, now) = (session.user.id, self.now());
        let tried = code_of(user, origin.address);
        self.charge(&tried).await?;
        let codes = Codes::new(user);
        let (codes_ref, code) = (&codes, code.trim());
        self.transact_access(Scope::Account(user), |tx, _| {
            Box::pin(async move {
                let factor = factors::find(tx, user).await?;
                let factor = factor.filter(|factor| factor.confirmed_at.is_none());
                let factor = factor.ok_or(Error::NotFound("second factor"))?;
                let secret = self.open_secret(user, &factor.secret)?;
                let step = secret.step_of(code, now).ok_or_else(wrong_code)?;
                if !factors::confirm(tx, user, now, step, &factor.secret).await? {
                    return Err(Error::Rival);
                }
                factors::replace_codes(tx, user, &codes_ref.digests).await?;
                factors::mark_session(tx, user, session.id, now).await?;
                sessions::end_others(tx, user, Some(session.id), now).await?;
                let act = Act::new("second_factor.enabled");
                self.told(tx, session, origin, (&mails::FACTOR_ON, act)).await
            })
        })
        .await?;
        self.forgive(&tried).await?;
        Ok(codes.shown)
    }

    /// Put new recovery codes in the place of the old ones.
    ///
    /// Errors: as [`Identity::disable_second_factor`].
    pub async fn renew_recovery_codes(
        &self,
        session: &Session,
        (password, code): (Secret<String>, &str),
        origin: &Origin,
    ) -> Result<Vec<Secret<String>>> {
        let (user, now) = (session.user.id, self.now());
        self.confirm_person(session, password, origin, "password").await?;
        let tried = code_of(user, origin.address);
        self.charge(&tried).await?;
        let codes = Codes::new(user);
        let codes_ref = &codes;
        self.db()
            .transact(Scope::Account(user), |tx, _| {
                Box::pin(async move {
                    self.show_second_factor(tx, user, code, now).await?.ok_or_else(wrong_code)?;
                    factors::replace_codes(tx, user, &codes_ref.digests).await?;
                    let act = Act::new("recovery_codes.renewed").from(origin.address);
                    record_account(tx, user, now, (Actor::Person(user), act)).await
                })
            })
            .await?;
        self.forgive(&tried).await?;
        Ok(codes.shown)
    }

    /// Turn a second factor off, by the password and a code.
    ///
    /// Errors: `Invalid` with field `password` or `code`; `Throttled`. A person without a second factor has no code that is right.
    pub async fn disable_second_factor(
        &self,
        session: &Session,
        (password, code): (Secret<String>, &str),
        origin: &Origin,
    ) -> Result<()> {
        let (user, now) = (session.user.id, self.now());
        self.confirm_person(session, password, origin, "password").await?;
        let tried = code_of(user, origin.address);
        self.charge(&tried).await?;
        self.transact_access(Scope::Account(user), |tx, _| {
            Box::pin(async move {
                self.show_second_factor(tx, user, code, now).await?.ok_or_else(wrong_code)?;
                factors::delete(tx, user).await?;
                let act = Act::new("second_factor.disabled");
                self.told(tx, session, origin, (&mails::FACTOR_OFF, act)).await
            })
        })
        .await?;
        self.forgive(&tried).await
    }

    /// Say whether a tenant's staff must have shown a second factor.
    ///
    /// Errors: `Forbidden` unless the principal owns the tenant; `SecondFactorNeeded` if their own session showed none.
    pub async fn require_second_factor(
        &self,
        by: Principal,
        session: &Session,
        required: bool,
    ) -> Result<()> {
        if by.role != Role::Owner {
            return Err(Error::Forbidden);
        }
        if required && !session.second_factor {
            return Err(Error::SecondFactorNeeded);
        }
        let now = self.now();
        self.transact_access(by, |tx, _| {
            Box::pin(async move {
                tenants::set_second_factor_required(tx, by.tenant, required).await?;
                let act = Act::new("tenant.second_factor_required");
                record(tx, now, act.detail(json!({ "required": required }))).await
            })
        })
        .await
    }

    /// Whether a tenant's staff must have shown a second factor.
    pub async fn is_second_factor_required(&self, by: Principal) -> Result<bool> {
        let tenant = by.tenant;
        self.db()
            .transact(by, |tx, _| Box::pin(tenants::is_second_factor_required(tx, tenant)))
            .await
    }

    /// Ask a person who is signed in for their password, as strictly as a stranger. `field` names it in the error.
    pub(super) async fn confirm_person(
        &self,
        session: &Session,
        password: Secret<String>,
        origin: &Origin,
        field: &'static str,
    ) -> Result<Credentials> {
        let email = Email::parse("email", &session.user.email)?;
        let checked = self.check_password(&email, password, origin.address).await;
        let (credentials, _) = checked.map_err(|error| match error {
            Error::WrongCredentials => Error::invalid(field, "wrong", "this is not the password"),
            other => other,
        })?;
        Ok(credentials)
    }

    /// Note an act of the person in their trail, and tell them by mail.
    pub(super) async fn told(
        &self,
        tx: &mut Tx,
        session: &Session,
        origin: &Origin,
        (template, act): (&Template, Act),
    ) -> Result<()> {
        let (user, now) = (session.user.id, self.now());
        self.notify(tx, &session.user, (template, origin.language), now).await?;
        record_account(tx, user, now, (Actor::Person(user), act.from(origin.address))).await
    }
}

/// Fresh recovery codes and their digests.
struct Codes {
    shown: Vec<Secret<String>>,
    digests: Vec<String>,
}

impl Codes {
    fn new(user: UserId) -> Self {
        let shown: Vec<_> = (0..recovery::CODES).map(|_| recovery::generate()).collect();
        let digests = shown.iter().map(|code| {
            recovery::digest(user, code.expose()).expect("what was generated is a code")
        });
        Self { digests: digests.collect(), shown }
    }
}

const fn wrong_code() -> Error {
    Error::invalid("code", "wrong", "this code is wrong, or was used before")
}
