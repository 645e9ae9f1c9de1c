//! Somebody in a fund's room, and what they hear.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{Heard, Person, Result, Socket, Tenant};

/// What the changes of an allocation are to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Theirs to hear.
    Concerned,
    /// Another's, in a fund that they may see.
    Present,
    /// Another tenant's.
    Foreign,
}

/// Somebody in the room of their tenant's fund, on one instance.
pub(super) struct Listener {
    pub(super) name: String,
    pub(super) part: Part,
    /// Whether they are no staff, so that not every room of the tenant is theirs.
    pub(super) outside: bool,
    socket: Socket,
}

impl Listener {
    pub(super) async fn open(person: &Person, tenant: &Tenant, part: Part) -> Result<Self> {
        let mut socket = Socket::open(person, &tenant.slug).await?;
        socket.join(&format!("fund/{}", tenant.things.fund)).await?;
        let name = format!("{} at {}", person.email, person.base());
        Ok(Self { name, part, outside: person.role == "investor", socket })
    }

    /// When the change of a fund was heard.
    pub(super) async fn hear_of(&self, fund: Uuid, limit: Duration) -> Option<Instant> {
        let is_it = |frame: &Value| {
            frame["kind"] == "fund.changed" && frame["data"]["fund_id"] == fund.to_string()
        };
        let look = |heard: &[Heard]| heard.iter().find(|h| is_it(&h.frame)).map(|h| h.at);
        self.socket.wait(limit, look).await
    }

    /// Which changes of an allocation were heard, and when first.
    ///
    /// One change may be told more than once (to staff, and to each person whom it concerns): its version says which it is.
    pub(super) fn changes(&self, allocation: Uuid) -> BTreeMap<Option<i64>, Instant> {
        let mut changes = BTreeMap::new();
        for Heard { at, frame } in self.socket.events() {
            let of_it = frame["data"]["allocation_id"] == allocation.to_string();
            if frame["kind"] == "allocation.changed" && of_it {
                changes.entry(frame["version"].as_i64()).or_insert(at);
            }
        }
        changes
    }

    /// What is wrong with what was heard.
    pub(super) fn odd(&self, allocation: Uuid, changed: usize) -> Vec<String> {
        let name = &self.name;
        let events = self.socket.events();
        let mut odd = Vec::new();
        let ids: BTreeSet<_> = events.iter().map(|event| event.frame["id"].to_string()).collect();
        if ids.len() < events.len() {
            odd.push(format!("{name}: {} frames came twice", events.len() - ids.len()));
        }
        let heard = self.changes(allocation).len();
        let expected = if self.part == Part::Concerned { changed } else { 0 };
        if heard != expected {
            odd.push(format!("{name}: heard {heard} changes of an allocation, not {expected}"));
        }
        // Of a foreign tenant there is nothing to hear but the change of its own fund.
        if self.part == Part::Foreign && events.len() > 1 {
            odd.push(format!("{name}: heard {} events of another tenant", events.len() - 1));
        }
        odd
    }

    /// The answer to joining a room, without the room's own name.
    pub(super) async fn refusal(&mut self, room: &str) -> Result<Value> {
        let mut answer = self.socket.ask_to_join(room).await?;
        if let Some(answer) = answer.as_object_mut() {
            answer.remove("room");
        }
        Ok(answer)
    }
}
