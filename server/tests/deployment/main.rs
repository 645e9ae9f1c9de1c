//! The whole platform as its users run it: real processes, a real database, real sockets, real signals.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod audit;
mod client;
mod crashes;
mod imports;
mod processes;
mod rubbish;

/// The program under test.
const UNDERPIN: &str = env!("CARGO_BIN_EXE_underpin");
