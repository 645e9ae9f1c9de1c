//! The HTTP surface on a real Postgres.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod contract;
mod events;
mod identity;
mod keys;
mod limits;
mod live;
mod mailbox;
mod once;
mod operator;
mod probes;
mod second_factor;
mod server;
mod sessions;
mod stage;
mod statements;
mod tenants;
mod things;
mod traced;
mod trail;
mod uploads;
mod watching;
