//! Bounds of a hub.

/// Bounds of a hub: each holds in one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at the same time.
    pub connections_max: usize,
    /// Connections of one person at the same time.
    pub person_connections_max: usize,
    /// Rooms of one connection.
    pub rooms_max: usize,
    /// Bytes that may wait for one connection; a single frame may always.
    pub outbox_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 1_000,
            person_connections_max: 32,
            rooms_max: 64,
            outbox_bytes_max: 64 * 1024,
        }
    }
}
