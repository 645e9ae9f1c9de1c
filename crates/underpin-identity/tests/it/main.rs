//! People, sessions and memberships on a real Postgres.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod api_keys;
mod invites;
mod isolation;
mod members;
mod provision;
mod resets;
mod second_factor;
mod session_cache;
mod sessions;
mod sign_in;
mod stage;
mod statements;
mod trail;
