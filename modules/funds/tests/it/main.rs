//! Funds against a real Postgres, a real disk and the real queue.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod book;
mod change;
mod crashes;
mod create;
mod deleted;
mod deleted_rivals;
mod figures;
mod findings;
mod http;
mod isolation;
mod lists;
mod purge;
mod real_file;
mod rooms;
mod rubbish;
mod site;
mod stage;
mod statements;
mod uploads;
