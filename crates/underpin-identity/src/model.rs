//! People, tenants, sessions and invites as the rest of the platform sees them.

use std::net::IpAddr;

use jiff::Timestamp;
use underpin_base::{Currency, Principal, Role, TenantId, UserId};
use uuid::Uuid;

use crate::{Error, Result};

underpin_base::id! {
    /// A session: one browser or program that is signed in.
    pub SessionId
}

underpin_base::id! {
    /// An invite into a tenant.
    pub InviteId
}

/// A mail address as a person typed it; two that differ only in case are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    shown: String,
    key: String,
}

impl Email {
    /// Longest address (RFC 5321 §4.5.3.1.3, less the brackets).
    const CHARS_MAX: usize = 254;

    /// Take an address: something, `@`, something, with no blanks or control characters. Whether it exists only a mail can tell.
    pub fn parse(field: &'static str, text: &str) -> Result<Self> {
        let shown = text.trim();
        let bad = || Error::invalid(field, "bad_email", "not a mail address");
        let (local, domain) = shown.rsplit_once('@').ok_or_else(bad)?;
        let odd = |c: char| c.is_whitespace() || c.is_control() || c == '@';
        let whole =
            !local.is_empty() && !domain.is_empty() && !shown.contains(|c| c != '@' && odd(c));
        let key = shown.to_lowercase();
        let long = shown.chars().count().max(key.chars().count()) > Self::CHARS_MAX;
        if !whole || local.contains(odd) || long {
            return Err(bad());
        }
        Ok(Self { shown: shown.to_owned(), key })
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// What "the same address" means: lower case.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Take a name of a person or tenant: 1 to 120 characters, none a control character, blanks at the ends removed.
pub(crate) fn parse_name(field: &'static str, text: &str) -> Result<String> {
    let name = text.trim();
    match name.chars().count() {
        0 => Err(Error::invalid(field, "missing", "a name is needed")),
        1..=120 if !name.contains(char::is_control) => Ok(name.to_owned()),
        1..=120 => Err(Error::invalid(field, "bad_name", "a name has no control characters")),
        _ => Err(Error::invalid(field, "too_long", "a name has at most 120 characters")),
    }
}

/// Whether a text can be a tenant's slug: 2 to 40 of `a-z`, `0-9` and `-`, a letter first, no dash last.
pub fn is_slug(text: &str) -> bool {
    let bytes = text.as_bytes();
    let plain = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    (2..=40).contains(&bytes.len())
        && bytes.iter().all(plain)
        && bytes[0].is_ascii_lowercase()
        && bytes[bytes.len() - 1] != b'-'
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their mail address.
    pub email: String,
    /// Their name.
    pub name: String,
}

/// A tenant, as its members see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantInfo {
    /// Its id.
    pub id: TenantId,
    /// Its name in URLs.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its colour, `#rrggbb`.
    pub accent: String,
    /// The currency it reports in.
    pub currency: Currency,
}

/// A person's place in a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Where.
    pub tenant: TenantInfo,
    /// As what.
    pub role: Role,
}

/// How a session's token travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// In a cookie of a browser: lives 14 days from its last use.
    Cookie,
    /// In a header of a program or phone: lives 90 days.
    Token,
}

impl SessionKind {
    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Token => "token",
        }
    }

    /// How long a session lives, in seconds: a cookie from its last use, a token from its first.
    pub const fn lifetime(self) -> std::time::Duration {
        const DAY: u64 = 24 * 60 * 60;
        std::time::Duration::from_secs(match self {
            Self::Cookie => 14 * DAY,
            Self::Token => 90 * DAY,
        })
    }

    pub(crate) fn read(text: &str) -> Result<Self> {
        match text {
            "cookie" => Ok(Self::Cookie),
            "token" => Ok(Self::Token),
            _ => Err(Error::Corrupt("session kind")),
        }
    }
}

/// A session that is good at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user: User,
    /// How its token travels.
    pub kind: SessionKind,
    /// When it ends if it is not used.
    pub expires_at: Timestamp,
}

/// Who a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The session.
    pub session: Session,
    /// The person's place in the tenant that was asked for, if they have one.
    pub membership: Option<Membership>,
}

impl Known {
    /// The principal for the tenant that was asked for.
    pub fn principal(&self) -> Option<Principal> {
        let Membership { tenant, role } = self.membership.as_ref()?;
        Some(Principal { tenant: tenant.id, subject: self.session.user.id, role: *role })
    }
}

/// A session in the list of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEntry {
    /// Its id.
    pub id: SessionId,
    /// How its token travels.
    pub kind: SessionKind,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// What the browser or program called itself.
    pub user_agent: Option<String>,
    /// Where it began.
    pub address: Option<String>,
}

/// Where a sign-in comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The client's address.
    pub address: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
}

/// A member in the list of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub user: User,
    /// As what.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
    /// When they were last here, to the minute.
    pub last_seen_at: Option<Timestamp>,
}

/// An open invite in the list of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// Its id.
    pub id: InviteId,
    /// Whom it invites.
    pub email: String,
    /// As what.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Who made it.
    pub invited_by: User,
}

/// What the holder of an invite's link may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteView {
    /// The tenant's name in URLs.
    pub tenant_slug: String,
    /// The tenant's name.
    pub tenant_name: String,
    /// Whom it invites.
    pub email: String,
    /// As what.
    pub role: Role,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether the person has an account already, so that they give their password rather than choose one.
    pub known: bool,
    pub(crate) tenant: TenantId,
    pub(crate) id: InviteId,
}

/// Read a role that a policy-checked column holds.
pub(crate) fn read_role(text: &str) -> Result<Role> {
    text.parse().map_err(|_| Error::Corrupt("role"))
}

/// Read a currency that a checked column holds.
pub(crate) fn read_currency(text: &str) -> Result<Currency> {
    text.parse().map_err(|_| Error::Corrupt("currency"))
}

/// An id column.
pub(crate) fn user_id(uuid: Uuid) -> UserId {
    UserId::from_uuid(uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_differ_in_case_are_the_same() {
        let email = Email::parse("email", "  Ada.Lovelace@Example.COM ").unwrap();
        assert_eq!(email.as_str(), "Ada.Lovelace@Example.COM");
        assert_eq!(email.key(), "ada.lovelace@example.com");
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        let long = format!("{}@example.com", "x".repeat(250));
        for text in ["", "@", "a@", "@b", "a b@c", "a@b c", "a\0@b", "a@b@c", "a", "a\n@b", &long] {
            assert!(Email::parse("email", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn slugs_are_short_and_plain() {
        for (text, fine) in [
            ("ab", true),
            ("north-sea-2", true),
            ("a", false),
            ("-a", false),
            ("a-", false),
            ("2a", false),
            ("Ab", false),
            ("a\0", false),
            ("ä-b", false),
        ] {
            assert_eq!(is_slug(text), fine, "{text}");
        }
        assert!(!is_slug(&"a".repeat(41)));
    }
}
