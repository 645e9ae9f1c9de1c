//! Funds against a real Postgres, a real disk and the real queue.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod crashes;
mod findings;
mod http;
mod isolation;
mod lists;
mod real_file;
mod rubbish;
mod stage;
mod statements;
