//! The hub: one for each process that holds connections.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use underpin_db::Wakes;
use underpin_log::Log;
use underpin_runtime::CancellationToken;

use crate::{Connection, Guard, Holder, Limits, Result, outbox::Outbox, rooms::Rooms, turns};

/// The rooms of one process. Cheap to clone.
///
/// Guarantee: a reader of a room gets every entry that it may read, in order, once; or `resync`. Never silence.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    log: Log,
    wakes: Wakes,
    guard: Box<dyn Guard>,
    limits: Limits,
    rooms: Mutex<Rooms>,
    left: Notify,
}

/// What a hub has at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Open connections.
    pub connections: usize,
    /// People who hold them.
    pub persons: usize,
    /// Rooms with a reader.
    pub rooms: usize,
    /// How often so much waited for a reader that it became `resync`, since the start.
    pub overflows: u64,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").field("limits", &self.0.limits).finish_non_exhaustive()
    }
}

impl Hub {
    /// A hub on this log; it takes connections once it [runs](Hub::run).
    pub fn new(log: Log, wakes: Wakes, guard: impl Guard, limits: Limits) -> Self {
        let (rooms, left) = (Mutex::default(), Notify::new());
        Self(Arc::new(Inner { log, wakes, guard: Box::new(guard), limits, rooms, left }))
    }

    /// Tell the rooms and guard the connections until `stop`; then end all connections and wait a few seconds for them.
    ///
    /// The hub takes connections from the call on, before the service is first polled.
    pub fn run(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + use<> {
        self.rooms().open = true;
        turns::run(self.clone(), stop)
    }

    /// Open a connection.
    ///
    /// Errors: [`Closed`](crate::Error::Closed), [`Full`](crate::Error::Full), [`TooMany`](crate::Error::TooMany).
    pub fn connect(&self, holder: Holder) -> Result<Connection> {
        let outbox = Arc::new(Outbox::new(holder, self.0.limits.outbox_bytes_max));
        let id = self.rooms().connect(&outbox, &self.0.limits)?;
        Ok(Connection::new(self.clone(), id, outbox))
    }

    /// What the hub has at the moment.
    pub fn figures(&self) -> Figures {
        let rooms = self.rooms();
        let (connections, overflows) = (rooms.connections.len(), rooms.overflows);
        Figures { connections, persons: rooms.persons(), rooms: rooms.len(), overflows }
    }

    /// Rooms that one connection may be in.
    pub fn rooms_per_connection_max(&self) -> usize {
        self.0.limits.rooms_max
    }

    /// The state; held for moves of pointers only, never across an await.
    pub(crate) fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn log(&self) -> &Log {
        &self.0.log
    }

    pub(crate) fn wakes(&self) -> &Wakes {
        &self.0.wakes
    }

    pub(crate) fn guard(&self) -> &dyn Guard {
        &*self.0.guard
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Told when a connection is gone.
    pub(crate) fn left(&self) -> &Notify {
        &self.0.left
    }
}
