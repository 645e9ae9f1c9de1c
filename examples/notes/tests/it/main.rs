//! The example as its readers copy it: small, true to its guide, and right on two instances.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod files;
mod running;
