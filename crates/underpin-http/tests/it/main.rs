//! The HTTP surface on a real Postgres.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod contract;
mod events;
mod identity;
mod limits;
mod operator;
mod server;
mod sessions;
mod stage;
mod statements;
