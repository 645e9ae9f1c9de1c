//! The program that ships, and the one that breaks its promises.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod programs;
