//! The database floor, on a real server.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod cluster;
mod migrations;
mod pools;
mod scopes;
mod transactions;
mod watching;
