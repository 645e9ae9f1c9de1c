#![doc = include_str!("../README.md")]

mod client;
mod clock;
mod database;
mod dev;
mod wait;

pub use client::{Answer, Client, http, read};
pub use clock::FakeClock;
pub use database::{TestDb, patient};
pub use dev::{Dev, children_of, is_alive, signal, wait_for};
pub use wait::until;
