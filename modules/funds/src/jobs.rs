//! Work that is not done while a request waits.

pub(crate) mod apply_import;
pub(crate) mod purge_deleted;
pub(crate) mod sum_movements;
