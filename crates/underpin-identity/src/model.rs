//! People, tenants, sessions and invites as the rest of the platform sees them.

use std::net::IpAddr;

use jiff::Timestamp;
use underpin_base::{Currency, Principal, Role, TenantId, UserId};
use underpin_mail::Language;
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

underpin_base::id! {
    /// An API key; also the subject of what it does.
    pub ApiKeyId
}

underpin_base::id! {
    /// A sign-in that waits for its second factor.
    pub(crate) ChallengeId
}

underpin_base::id! {
    /// A password that somebody asks to set anew.
    pub(crate) ResetId
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
    /// No session at all: an API key, which lives as long as it was made for.
    Key,
}

impl SessionKind {
    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Token => "token",
            Self::Key => "key",
        }
    }

    /// How long a session lives, in seconds: a cookie from its last use, a token from its first.
    pub const fn lifetime(self) -> std::time::Duration {
        const DAY: u64 = 24 * 60 * 60;
        std::time::Duration::from_secs(match self {
            Self::Cookie => 14 * DAY,
            Self::Token | Self::Key => 90 * DAY,
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
    /// Whether it showed a second factor.
    pub second_factor: bool,
}

/// Who a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The session.
    pub session: Session,
    /// The person's place in the tenant that was asked for, if they have one.
    pub membership: Option<Membership>,
    /// What an API key may do; a person may do what their role may.
    pub scopes: Option<Scopes>,
    /// The tenant wants a second factor of its staff, and this session showed none.
    pub barred: bool,
}

/// What an API key may do: `<area>:read`, `<area>:write`. An area is a module's name, or `tenant` for the tenant's own affairs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(Vec<String>);

/// Whether something is looked at or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Looked at.
    Read,
    /// Changed.
    Write,
}

impl Access {
    /// The name in scopes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

impl Scopes {
    pub(crate) const fn new(names: Vec<String>) -> Self {
        Self(names)
    }

    /// Take a list of scopes of these areas; sorted, each once.
    ///
    /// Errors: [`Error::Invalid`] with field `scopes` for none, and for one that is none of theirs.
    pub fn parse(names: &[String], areas: &[&str]) -> Result<Self> {
        let known = |name: &String| {
            let parts = name.split_once(':');
            parts.is_some_and(|(area, access)| {
                areas.contains(&area) && matches!(access, "read" | "write")
            })
        };
        if names.is_empty() {
            return Err(Error::invalid("scopes", "missing", "a key may do something"));
        }
        if !names.iter().all(known) {
            return Err(Error::invalid("scopes", "bad_scope", "there is no such scope"));
        }
        let names: std::collections::BTreeSet<&String> = names.iter().collect();
        Ok(Self(names.into_iter().cloned().collect()))
    }

    /// Every scope of these areas.
    pub fn all(areas: &[&str]) -> Self {
        let both = |area: &&str| [format!("{area}:read"), format!("{area}:write")];
        Self(areas.iter().flat_map(both).collect())
    }

    /// Whether they allow something in an area.
    pub fn allow(&self, area: &str, access: Access) -> bool {
        let parts = |name: &String| name.split_once(':') == Some((area, access.as_str()));
        self.0.iter().any(parts)
    }

    /// Their names.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

/// An API key in the list of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// As what it acts.
    pub role: Role,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: User,
}

/// How somebody who opened a connection stands by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Session, membership and role are as they were.
    Good,
    /// The session ended.
    SignedOut,
    /// The person is no member any more, or in another role.
    Changed,
}

impl Standing {
    pub(crate) const fn of(signed_in: bool, same_member: bool) -> Self {
        match (signed_in, same_member) {
            (true, true) => Self::Good,
            (true, false) => Self::Changed,
            (false, _) => Self::SignedOut,
        }
    }
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
    /// The language that mails to the person are written in.
    pub language: Language,
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
    fn scopes_are_of_known_areas_and_allow_what_they_say() {
        let areas = ["tenant", "funds"];
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let twice = names(&["funds:write", "funds:read", "funds:write"]);
        let scopes = Scopes::parse(&twice, &areas).unwrap();
        assert_eq!(scopes.names(), names(&["funds:read", "funds:write"]));
        assert!(scopes.allow("funds", Access::Read) && scopes.allow("funds", Access::Write));
        assert!(!scopes.allow("tenant", Access::Read) && !scopes.allow("fund", Access::Read));
        let read = Scopes::parse(&names(&["tenant:read"]), &areas).unwrap();
        assert!(!read.allow("tenant", Access::Write));
        for bad in [&[][..], &["funds"], &["funds:"], &["funds:admin"], &["*:read"], &["x:read"]] {
            assert!(Scopes::parse(&names(bad), &areas).is_err(), "{bad:?}");
        }
        assert_eq!(Scopes::all(&areas).names().len(), 4);
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
