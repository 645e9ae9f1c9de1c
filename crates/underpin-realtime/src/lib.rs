#![doc = include_str!("../README.md")]

mod connection;
mod error;
mod frame;
mod guard;
mod hub;
mod limits;
mod outbox;
mod rooms;
mod tell;
mod turns;

pub use connection::{Connection, History, Joined, Life};
pub use error::{Error, Result};
pub use frame::{Event, Frame};
pub use guard::{Asked, Ended, Guard, Holder};
pub use hub::{Figures, Hub};
pub use limits::Limits;
