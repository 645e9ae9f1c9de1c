//! Uploads against a real Postgres and a real disk.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod receive;
mod support;
mod sweep;
