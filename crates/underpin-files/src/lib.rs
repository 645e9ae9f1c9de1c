#![doc = include_str!("../README.md")]

mod announced;
mod cleanup;
mod disposition;
mod error;
mod files;
mod hosts;
mod inflate;
mod ledger;
mod limits;
mod memory;
mod object;
mod partial;
mod reader;
mod receive;
mod s3;
mod store;
mod sweep;
mod upload;
mod uploads;

use underpin_db::{Component, Statement, migrations};

pub use announced::{Announce, Verdict};
pub use disposition::attachment;
pub use error::{Error, Result};
pub use files::Files;
pub use hosts::FileHost;
pub use inflate::Encoding;
pub use limits::{Bounds, Limits, RateFloor};
pub use reader::Reader;
pub use receive::{Incoming, Received};
pub use s3::{PutUrl, S3Settings};
pub use sweep::Swept;
pub use upload::{Upload, UploadState};
pub use uploads::{UploadId, Uploads};

/// The tables `underpin.upload`, `underpin.upload_usage` and `underpin.file_host`.
pub const COMPONENT: Component = Component {
    name: "files",
    migrations: migrations!["0001_upload", "0002_purge", "0003_direct"],
};

/// The crate's statements, for the test that prepares every statement.
pub fn statements() -> Vec<&'static Statement> {
    store::statements()
}
