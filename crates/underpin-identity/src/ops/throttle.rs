//! Counting tries before they are looked at. A mail that has no account is counted alike, so a block tells nothing.

use std::{net::IpAddr, time::Duration};

use jiff::Timestamp;
use underpin_base::{Secret, UserId};
use underpin_db::{Scope, Tx};

use super::trail::record_account;
use crate::{
    Error, Identity, Result,
    model::Email,
    password::Verdict,
    store::{
        attempts::{self, Limits, Tried, WINDOW},
        users::{self, Credentials},
    },
    token::sha256_hex,
    trail::{Act, Actor},
};

/// A wrong password is told no sooner than this after it was found wrong: what an account's trail costs more than the work in its stead is
/// over by then.
const PAUSE: Duration = Duration::from_millis(25);

/// What a try is counted under: what is presented, and the address; of IPv6 the first 64 bits, which one person has.
fn tried(presented: String, address: Option<IpAddr>, limits: Limits) -> Tried {
    let address = match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".to_owned(),
    };
    Tried { account: sha256_hex(&presented), presented, address, limits }
}

/// A try of a password.
fn password_of(email: &Email, address: Option<IpAddr>) -> Tried {
    tried(email.key().to_owned(), address, Limits::PASSWORD)
}

/// A try of a code.
pub(super) fn code_of(user: UserId, address: Option<IpAddr>) -> Tried {
    tried(format!("second-factor/{user}"), address, Limits::CODE)
}

/// A mail that is asked for. Apart from the tries of passwords: whoever forgot theirs has tried before.
pub(super) fn reset_of(email: &Email, address: Option<IpAddr>) -> Tried {
    tried(format!("reset/{}", email.key()), address, Limits::RESET)
}

impl Identity {
    /// Check a password of a mail's account under the limits of tries; gives the account and a hash to replace the old.
    ///
    /// Errors: [`Error::Throttled`]; [`Error::WrongCredentials`]; [`Error::Overloaded`] (the try does not count then).
    pub(super) async fn check_password(
        &self,
        email: &Email,
        password: Secret<String>,
        address: Option<IpAddr>,
    ) -> Result<(Credentials, Option<String>)> {
        let tried = password_of(email, address);
        let now = self.now();
        let credentials = self
            .db()
            .transact(tried.scope(), |tx, _| Box::pin(charge_and_find(tx, &tried, now)))
            .await?;
        let stored = credentials.as_ref().and_then(|credentials| credentials.hash.clone());
        let verdict = self.passwords().verify(password, stored).await;
        if let Err(Error::Overloaded) = verdict {
            attempts::refund(self.db(), &tried).await?;
        }
        match (verdict?, credentials) {
            (Verdict::Right { rehash }, Some(credentials)) => {
                attempts::forgive(self.db(), &tried).await?;
                Ok((credentials, rehash))
            }
            (_, credentials) => {
                let user = credentials.map(|credentials| credentials.user.id);
                let noted = self.note_failure(user, &tried, address);
                let (noted, ()) = tokio::join!(noted, tokio::time::sleep(PAUSE));
                noted?;
                Err(Error::WrongCredentials)
            }
        }
    }

    /// Note in an account's trail that a password was wrong; for a mail without an account do as much.
    async fn note_failure(
        &self,
        user: Option<UserId>,
        tried: &Tried,
        address: Option<IpAddr>,
    ) -> Result<()> {
        let Some(user) = user else {
            return self
                .db()
                .transact(tried.scope(), |tx, _| Box::pin(attempts::touch(tx, tried)))
                .await;
        };
        let now = self.now();
        self.db()
            .transact(Scope::Account(user), |tx, _| {
                let act = Act::new("password.wrong").from(address);
                Box::pin(record_account(tx, user, now, (Actor::Person(user), act)))
            })
            .await
    }

    /// Count a try before it is looked at.
    ///
    /// Errors: [`Error::Throttled`].
    pub(super) async fn charge(&self, tried: &Tried) -> Result<()> {
        let now = self.now();
        self.db().transact(tried.scope(), |tx, _| Box::pin(charge(tx, tried, now))).await
    }

    /// Forget the tries: one was right.
    pub(super) async fn forgive(&self, tried: &Tried) -> Result<()> {
        attempts::forgive(self.db(), tried).await
    }
}

async fn charge_and_find(
    tx: &mut Tx,
    tried: &Tried,
    now: Timestamp,
) -> Result<Option<Credentials>> {
    charge(tx, tried, now).await?;
    users::find_credentials(tx, &tried.presented).await
}

/// Count the try; a full count rolls back, so a blocked try does not prolong its block.
pub(super) async fn charge(tx: &mut Tx, tried: &Tried, now: Timestamp) -> Result<()> {
    if let Err(last) = attempts::charge(tx, tried, now, now - WINDOW).await? {
        let left = Duration::try_from(last + WINDOW - now).unwrap_or_default();
        return Err(Error::Throttled { retry_after: left.max(Duration::from_secs(1)) });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_house_is_one_address() {
        let email = Email::parse("email", "Ada@example.com").unwrap();
        let counted = |address: &str| password_of(&email, Some(address.parse().unwrap())).address;
        assert_eq!(counted("203.0.113.9"), "203.0.113.9");
        assert_eq!(counted("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(counted("2001:db8:1:2::9"), "2001:db8:1:2::/64");
        let same = Email::parse("email", "ADA@EXAMPLE.COM").unwrap();
        assert_eq!(password_of(&email, None).account, password_of(&same, None).account);
        assert_ne!(password_of(&email, None).account, reset_of(&same, None).account);
    }
}
