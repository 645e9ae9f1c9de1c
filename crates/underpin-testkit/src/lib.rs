#![doc = include_str!("../README.md")]

mod clock;
mod database;
mod wait;

pub use clock::FakeClock;
pub use database::TestDb;
pub use wait::until;
