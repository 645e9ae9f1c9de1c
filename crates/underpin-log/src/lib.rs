#![doc = include_str!("../README.md")]

#[doc(hidden)]
pub mod conformance;
mod emit;
mod error;
mod follow;
mod look;
mod model;
mod position;
mod read;
mod retention;
mod sequencer;
mod store;
mod topic;

use underpin_db::{Component, Statement, migrations};

pub use emit::emit;
pub use error::{Error, Result};
pub use follow::{Follower, Item};
pub use look::{Followed, News, Told};
pub use model::{Audience, Entry, NewEvent};
pub use position::{BadPosition, Position};
pub use read::{Log, LogStore, Read};
pub use retention::{Forgotten, Retention};
pub use sequencer::Sequencer;
pub use topic::{BadTopic, Topic};

/// The tables of the log.
pub const COMPONENT: Component =
    Component { name: "log", migrations: migrations!["0001_log", "0002_purge", "0003_exceptions"] };

/// The crate's statements, for the test that prepares every statement.
pub fn statements() -> Vec<&'static Statement> {
    store::statements()
}
