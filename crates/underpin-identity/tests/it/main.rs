//! People, sessions and memberships on a real Postgres.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod invites;
mod isolation;
mod members;
mod provision;
mod sessions;
mod sign_in;
mod stage;
mod statements;
