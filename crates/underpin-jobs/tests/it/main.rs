//! Jobs and schedules on a real Postgres.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod claims;
mod crashes;
mod enqueue;
mod failures;
mod isolation;
mod log;
mod operate;
mod schedules;
mod stage;
mod statements;
mod stopping;
mod traces;
