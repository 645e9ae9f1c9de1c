//! Counting tries before they are looked at. A mail that has no account is counted alike, so a block tells nothing.

use std::{net::IpAddr, time::Duration};

use underpin_db::{Scope, Tx};

use crate::{
    Error, Identity, Result,
    model::Email,
    password::Verdict,
    store::{
        attempts::{self, Tried, WINDOW},
        users::{self, Credentials},
    },
    token::sha256_hex,
};

use underpin_base::Secret;

/// What a try is counted under: the account, and the address; of IPv6 the first 64 bits, which one person has.
pub(super) fn tried(email: &Email, address: Option<IpAddr>) -> Tried {
    let address = match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".to_owned(),
    };
    let email_key = email.key().to_owned();
    Tried { account: sha256_hex(&email_key), email_key, address }
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
        let tried = tried(email, address);
        let now = self.now();
        let credentials = self
            .db()
            .transact(Scope::Presented(tried.email_key.clone()), |tx, _| {
                Box::pin(charge(tx, &tried, now))
            })
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
            _ => Err(Error::WrongCredentials),
        }
    }
}

/// Count the try and find the account; a full count rolls back, so a blocked try does not prolong its block.
async fn charge(tx: &mut Tx, tried: &Tried, now: jiff::Timestamp) -> Result<Option<Credentials>> {
    if let Err(last) = attempts::charge(tx, tried, now, now - WINDOW).await? {
        let left = Duration::try_from(last + WINDOW - now).unwrap_or_default();
        return Err(Error::Throttled { retry_after: left.max(Duration::from_secs(1)) });
    }
    users::find_credentials(tx, &tried.email_key).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_house_is_one_address() {
        let email = Email::parse("email", "Ada@example.com").unwrap();
        let counted = |address: &str| tried(&email, Some(address.parse().unwrap())).address;
        assert_eq!(counted("203.0.113.9"), "203.0.113.9");
        assert_eq!(counted("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(counted("2001:db8:1:2::9"), "2001:db8:1:2::/64");
        let same = Email::parse("email", "ADA@EXAMPLE.COM").unwrap();
        assert_eq!(tried(&email, None).account, tried(&same, None).account);
    }
}
