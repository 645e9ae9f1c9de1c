//! One use case per file: the only place that mixes rules and store.

pub(crate) mod apply_chunk;
pub(crate) mod finish_import;
pub(crate) mod get_fund;
pub(crate) mod list_funds;
pub(crate) mod list_imports;
pub(crate) mod list_investors;
pub(crate) mod start_import;
