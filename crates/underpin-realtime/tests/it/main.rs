//! The hub on a real Postgres.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod guard;
mod joining;
mod limits;
mod stage;
mod telling;
mod trouble;
