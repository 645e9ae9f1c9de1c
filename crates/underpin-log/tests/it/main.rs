//! The log on a real Postgres.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod isolation;
mod look;
mod retention;
mod sequencing;
mod stage;
mod statements;
