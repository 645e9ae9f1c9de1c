//! Events before and after they have a place.

use jiff::Timestamp;
use serde_json::Value;
use underpin_base::{Principal, UserId};
use uuid::Uuid;

use crate::{Position, Topic};

/// Who may read an event; row level security holds it, whatever a reader asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The tenant's staff.
    Staff,
    /// Every member, outside persons among them.
    Tenant,
    /// One person, and the staff.
    User(UserId),
}

impl Audience {
    /// Whether this member may read the event: the rule of policy `app_reads` of `underpin.event`, for readers in memory.
    pub fn allows(self, reader: &Principal) -> bool {
        match self {
            _ if reader.role.is_staff() => true,
            Self::Staff => false,
            Self::Tenant => true,
            Self::User(user) => user == reader.subject,
        }
    }

    /// The audience of a row; none for a word that the table would not have taken.
    pub(crate) fn read(word: &str, user: Option<Uuid>) -> Option<Self> {
        match (word, user) {
            ("staff", None) => Some(Self::Staff),
            ("tenant", None) => Some(Self::Tenant),
            ("user", Some(user)) => Some(Self::User(UserId::from_uuid(user))),
            _ => None,
        }
    }

    pub(crate) const fn parts(self) -> (&'static str, Option<Uuid>) {
        match self {
            Self::Staff => ("staff", None),
            Self::Tenant => ("tenant", None),
            Self::User(user) => ("user", Some(user.uuid())),
        }
    }
}

/// What happened, as the transaction tells it; tenant and actor come from its principal.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Where it is told.
    pub topic: Topic,
    /// The thing it happened to.
    pub entity: Uuid,
    /// The thing's version after it, learned under the thing's row lock: then order in the log is order of versions.
    pub version: i64,
    /// A literal such as `import.finished`; `docs/api.md` lists them.
    pub kind: &'static str,
    /// Version of the payload's shape.
    pub schema_version: i16,
    /// Who may read it.
    pub audience: Audience,
    /// What readers need, at most 64 KiB of JSON text.
    pub payload: Value,
}

impl NewEvent {
    /// That something happened to a thing, for the tenant's staff; readers fetch the thing itself.
    pub fn staff(topic: Topic, entity: Uuid, version: i64, kind: &'static str) -> Self {
        let (audience, payload) = (Audience::Staff, Value::Object(serde_json::Map::new()));
        Self { topic, entity, version, kind, schema_version: 1, audience, payload }
    }
}

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place.
    pub position: Position,
    /// The event's own id, the same for every reader and store.
    pub event: Uuid,
    /// The thing it happened to.
    pub entity: Uuid,
    /// The thing's version after it.
    pub version: i64,
    /// What happened.
    pub kind: String,
    /// Version of the payload's shape.
    pub schema_version: i16,
    /// Who did it.
    pub actor: UserId,
    /// Business time.
    pub at: Timestamp,
    /// What readers need.
    pub payload: Value,
}
