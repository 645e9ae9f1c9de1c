//! Settings and services, seen from outside.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod lifecycle;
mod settings;
mod traces;
