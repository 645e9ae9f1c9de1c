//! What a process keeps in memory by keys that somebody else chooses: each map with its bound.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;
use underpin_db::Db;
use underpin_identity::Identity;
use underpin_realtime::Hub;

use crate::{
    ApiSettings,
    metrics::{Metrics, ROUTES_MAX},
};

/// The maps of a process that live longer than a request. Whoever makes one names it here, with its bound.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Vec<Map>>>);

struct Map {
    name: &'static str,
    entries_max: usize,
    count: Box<dyn Fn() -> usize + Send + Sync>,
}

/// How much a map holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The map.
    pub name: &'static str,
    /// Its entries.
    pub entries: usize,
    /// Most entries that it may have.
    pub entries_max: usize,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Memory").field(&self.held()).finish()
    }
}

impl Memory {
    /// Name a map, its bound, and how its entries are counted; a later map of the same name takes its place.
    pub fn name(
        &self,
        name: &'static str,
        entries_max: usize,
        count: impl Fn() -> usize + Send + Sync + 'static,
    ) {
        let map = Map { name, entries_max, count: Box::new(count) };
        let mut maps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        maps.retain(|known| known.name != name);
        maps.push(map);
    }

    /// How much each map holds.
    pub fn held(&self) -> Vec<Held> {
        let maps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = |map: &Map| Held {
            name: map.name,
            entries: (map.count)(),
            entries_max: map.entries_max,
        };
        maps.iter().map(held).collect()
    }

    /// The kernel's own.
    pub(crate) fn of_kernel(
        db: &Db,
        identity: &Identity,
        live: &Hub,
        metrics: &Arc<Metrics>,
        settings: &ApiSettings,
    ) -> Self {
        let memory = Self::default();
        let counted = Arc::clone(metrics);
        memory.name("http_routes", ROUTES_MAX + 1, move || counted.len());
        let watched = db.clone();
        memory.name("db_findings", underpin_db::watch::Findings::KEPT_MAX, move || {
            watched.findings().list().len()
        });
        let known = identity.clone();
        memory.name("sessions", known.session_cache().kept_max, move || known.session_cache().kept);
        let streams = settings.streams_max;
        let hub = live.clone();
        memory.name("live_connections", streams, move || hub.figures().connections);
        let hub = live.clone();
        memory.name("live_persons", streams, move || hub.figures().persons);
        let hub = live.clone();
        let rooms_max = streams.saturating_mul(live.rooms_per_connection_max());
        memory.name("live_rooms", rooms_max, move || hub.figures().rooms);
        memory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_shown_with_its_bound_and_once() {
        let memory = Memory::default();
        memory.name("rooms", 3, || 2);
        memory.name("rooms", 4, || 1);
        memory.name("series", 9, || 0);
        let rooms = Held { name: "rooms", entries: 1, entries_max: 4 };
        let series = Held { name: "series", entries: 0, entries_max: 9 };
        assert_eq!(memory.held(), [rooms, series]);
    }
}
