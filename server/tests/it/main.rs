//! What must hold for the whole platform, whatever modules it is made of; and the binary, seen from outside.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod api_table;
mod catalogue;
mod commands;
mod findings;
mod purge;
mod repeats;
mod secrets;
mod statements;
mod storage;
