//! The SQL of the log.

use underpin_db::Statement;

pub(crate) mod events;
pub(crate) mod log;
pub(crate) mod partitions;

pub(crate) fn statements() -> Vec<&'static Statement> {
    [events::ALL, log::ALL, partitions::ALL].concat()
}
