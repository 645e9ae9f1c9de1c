//! Audit trails as chains: what an entry is, and the hash that holds it and all before it.

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use underpin_base::{TenantId, UserId};
use uuid::Uuid;

/// The hash of an entry, or of the nothing before the first.
pub(crate) type Hash = [u8; 32];

/// Before the first entry.
pub(crate) const GENESIS: Hash = [0; 32];
/// Largest detail as JSON.
pub(crate) const DETAIL_BYTES_MAX: usize = 8_192;

/// Whose chain it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trail {
    /// What was done in a tenant.
    Tenant(TenantId),
    /// What was done with an account, before any tenant is chosen.
    Account(UserId),
}

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person.
    Person(UserId),
    /// A program with an API key.
    Key(Uuid),
    /// The platform, on behalf of whoever caused it.
    Service(Uuid),
    /// Whoever runs the deployment.
    Operator,
}

impl Actor {
    /// The name in SQL and JSON.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Key(_) => "key",
            Self::Service(_) => "service",
            Self::Operator => "operator",
        }
    }

    /// Which one.
    pub const fn id(self) -> Option<Uuid> {
        match self {
            Self::Person(user) => Some(user.uuid()),
            Self::Key(id) | Self::Service(id) => Some(id),
            Self::Operator => None,
        }
    }
}

/// Something that is worth an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// A stable name: `member.removed`.
    pub action: &'static str,
    /// What it was done to: `user/<id>`.
    pub subject: Option<String>,
    /// What else is to be known; no secrets. At most 8 KiB.
    pub detail: Value,
    /// The client's address, where it is known.
    pub address: Option<String>,
}

impl Act {
    /// An act without more to say.
    pub const fn new(action: &'static str) -> Self {
        Self { action, subject: None, detail: Value::Null, address: None }
    }

    /// Say what it was done to.
    #[must_use]
    pub fn on(self, what: &str, id: impl std::fmt::Display) -> Self {
        Self { subject: Some(format!("{what}/{id}")), ..self }
    }

    /// Say more.
    #[must_use]
    pub fn detail(self, detail: Value) -> Self {
        Self { detail, ..self }
    }

    /// Say where from.
    #[must_use]
    pub fn from(self, address: Option<std::net::IpAddr>) -> Self {
        Self { address: address.map(|address| address.to_canonical().to_string()), ..self }
    }
}

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the chain, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// `person`, `key`, `service` or `operator`.
    pub actor_kind: String,
    /// Which one.
    pub actor_id: Option<Uuid>,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: Option<String>,
    /// What else is to be known: JSON, byte by byte as it was hashed.
    pub detail: String,
    /// The client's address.
    pub address: Option<String>,
    /// The hash of the entry before.
    pub prev: Vec<u8>,
    /// The hash of this one.
    pub hash: Vec<u8>,
}

impl Entry {
    /// The hash that this entry must have: SHA-256 over every field with its length before it, the hash of the entry before included.
    pub(crate) fn digest(&self, trail: Trail) -> Hash {
        let (kind, owner) = match trail {
            Trail::Tenant(tenant) => ("tenant", tenant.uuid()),
            Trail::Account(user) => ("account", user.uuid()),
        };
        let seq = self.seq.to_be_bytes();
        let at = self.at.as_microsecond().to_be_bytes();
        let actor = self.actor_id.map(Uuid::into_bytes);
        let fields: [Option<&[u8]>; 11] = [
            Some(kind.as_bytes()),
            Some(owner.as_bytes()),
            Some(&seq),
            Some(&at),
            Some(self.actor_kind.as_bytes()),
            actor.as_ref().map(<[u8; 16]>::as_slice),
            Some(self.action.as_bytes()),
            self.subject.as_deref().map(str::as_bytes),
            Some(self.detail.as_bytes()),
            self.address.as_deref().map(str::as_bytes),
            Some(&self.prev),
        ];
        let mut hash = Sha256::new_with_prefix(b"underpin trail v1\0");
        for field in fields {
            // An absent field is not an empty one.
            let length = field.map_or(-1, |field| field.len() as i64);
            hash.update(length.to_be_bytes());
            hash.update(field.unwrap_or_default());
        }
        hash.finalize().into()
    }
}

/// What is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// An entry is not as it was written.
    Changed,
    /// An entry is gone.
    Missing,
    /// Entries at the end are gone, or were added past the head.
    Cut,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// Every entry is as it was written, and none is gone.
    Whole {
        /// How many there are.
        entries: i64,
        /// The newest one's hash: kept elsewhere, it proves later that nothing before it was changed.
        head: Vec<u8>,
    },
    /// The chain is broken.
    Broken {
        /// The first bad entry.
        seq: i64,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// Follows a chain, entry by entry.
#[derive(Debug)]
pub(crate) struct Walk {
    trail: Trail,
    seq: i64,
    hash: Vec<u8>,
}

impl Walk {
    pub(crate) fn new(trail: Trail) -> Self {
        Self { trail, seq: 0, hash: GENESIS.to_vec() }
    }

    pub(crate) const fn seq(&self) -> i64 {
        self.seq
    }

    /// Take the next entry; `Err` names the first bad one.
    pub(crate) fn step(&mut self, entry: &Entry) -> Result<(), Verified> {
        let broken = |seq, fault| Err(Verified::Broken { seq, fault });
        if entry.seq != self.seq + 1 {
            return broken(self.seq + 1, Fault::Missing);
        }
        if entry.digest(self.trail)[..] != entry.hash[..] {
            return broken(entry.seq, Fault::Changed);
        }
        if entry.prev != self.hash {
            // This entry is as it was written, so the one before is not, however well its own hash fits.
            return broken(self.seq.max(1), Fault::Changed);
        }
        self.seq = entry.seq;
        self.hash.clone_from(&entry.hash);
        Ok(())
    }

    /// No more entries: compare with what the head says.
    pub(crate) fn end(self, head: Option<(i64, Vec<u8>)>) -> Verified {
        let (seq, hash) = head.unwrap_or((0, GENESIS.to_vec()));
        if seq != self.seq {
            return Verified::Broken { seq: self.seq.min(seq) + 1, fault: Fault::Cut };
        }
        if hash != self.hash {
            return Verified::Broken { seq: self.seq.max(1), fault: Fault::Changed };
        }
        Verified::Whole { entries: self.seq, head: self.hash }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail() -> Trail {
        Trail::Tenant(TenantId::from_uuid(Uuid::from_u128(7)))
    }

    fn chain(length: i64) -> Vec<Entry> {
        let mut prev = GENESIS.to_vec();
        let entries = (1..=length).map(|seq| {
            let mut entry = Entry {
                seq,
                at: Timestamp::from_second(1_800_000_000 + seq).unwrap(),
                actor_kind: "person".to_owned(),
                actor_id: Some(Uuid::from_u128(9)),
                action: "member.removed".to_owned(),
                subject: Some("user/x".to_owned()),
                detail: "null".to_owned(),
                address: None,
                prev: std::mem::take(&mut prev),
                hash: Vec::new(),
            };
            entry.hash = entry.digest(trail()).to_vec();
            prev.clone_from(&entry.hash);
            entry
        });
        entries.collect()
    }

    fn walk(entries: &[Entry], head: Option<(i64, Vec<u8>)>) -> Verified {
        let mut walk = Walk::new(trail());
        for entry in entries {
            if let Err(broken) = walk.step(entry) {
                return broken;
            }
        }
        walk.end(head)
    }

    fn head(entries: &[Entry]) -> Option<(i64, Vec<u8>)> {
        entries.last().map(|entry| (entry.seq, entry.hash.clone()))
    }

    #[test]
    fn a_whole_chain_is_whole_and_so_is_an_empty_one() {
        let entries = chain(5);
        let whole = Verified::Whole { entries: 5, head: entries[4].hash.clone() };
        assert_eq!(walk(&entries, head(&entries)), whole);
        assert_eq!(walk(&[], None), Verified::Whole { entries: 0, head: GENESIS.to_vec() });
    }

    #[test]
    fn any_change_names_the_first_bad_entry() {
        let changes: [fn(&mut Entry); 9] = [
            |entry| entry.at += std::time::Duration::from_micros(1),
            |entry| entry.actor_kind = "operator".to_owned(),
            |entry| entry.actor_id = None,
            |entry| entry.action.push('x'),
            |entry| entry.subject = None,
            |entry| entry.detail = "{}".to_owned(),
            |entry| entry.address = Some(String::new()),
            |entry| entry.prev[0] ^= 1,
            |entry| entry.hash[31] ^= 1,
        ];
        for (number, change) in changes.into_iter().enumerate() {
            for at in 0..5 {
                let mut entries = chain(5);
                let head = head(&entries);
                change(&mut entries[at]);
                let broken = Verified::Broken { seq: at as i64 + 1, fault: Fault::Changed };
                assert_eq!(walk(&entries, head), broken, "change {number} of {at}");
            }
        }
    }

    #[test]
    fn a_change_with_a_hash_that_fits_is_found_too() {
        for at in 0..5 {
            let mut entries = chain(5);
            let head = head(&entries);
            entries[at].action = "member.joined".to_owned();
            entries[at].hash = entries[at].digest(trail()).to_vec();
            let broken = Verified::Broken { seq: at as i64 + 1, fault: Fault::Changed };
            assert_eq!(walk(&entries, head), broken, "{at}");
        }
    }

    #[test]
    fn what_is_gone_is_missed() {
        for at in 0..4 {
            let mut entries = chain(5);
            let head = head(&entries);
            entries.remove(at);
            let broken = Verified::Broken { seq: at as i64 + 1, fault: Fault::Missing };
            assert_eq!(walk(&entries, head), broken, "{at}");
        }
        let entries = chain(5);
        let cut = Verified::Broken { seq: 5, fault: Fault::Cut };
        assert_eq!(walk(&entries[..4], head(&entries)), cut);
        assert_eq!(walk(&entries, head(&entries[..4])), cut);
    }

    #[test]
    fn a_chain_belongs_to_its_owner() {
        let entry = &chain(1)[0];
        let other = Trail::Tenant(TenantId::from_uuid(Uuid::from_u128(8)));
        let account = Trail::Account(UserId::from_uuid(Uuid::from_u128(7)));
        assert_ne!(entry.digest(other), entry.digest(trail()));
        assert_ne!(entry.digest(account), entry.digest(trail()));
    }
}
