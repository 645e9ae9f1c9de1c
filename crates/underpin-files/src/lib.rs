#![doc = include_str!("../README.md")]

mod error;
mod files;
mod limits;
mod receive;
mod store;
mod sweep;
mod uploads;

use underpin_db::{Component, Statement, migrations};

pub use error::{Error, Result};
pub use files::{Files, Reader};
pub use limits::{Limits, RateFloor};
pub use receive::{Incoming, Received};
pub use sweep::Swept;
pub use uploads::{UploadId, Uploads};

/// The table `underpin.upload`.
pub const COMPONENT: Component =
    Component { name: "files", migrations: migrations!["0001_upload"] };

/// The crate's statements, for the test that prepares every statement.
pub fn statements() -> Vec<&'static Statement> {
    store::ALL.to_vec()
}
