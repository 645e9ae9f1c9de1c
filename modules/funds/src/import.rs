//! A file of position reports, read without a database: pure but for the reader it is given.

mod cells;
mod chunks;
mod finding;
mod header;
mod limited;
mod scan;

pub use chunks::{Chunk, Chunks, Columns, Place, ReadResult};
pub use finding::{Code, FileError, Finding, Severity};
pub(crate) use scan::scan;
