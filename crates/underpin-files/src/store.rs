//! SQL of uploads, of what tenants have stored, and of the processes that share a storage.

use underpin_db::Statement;

pub(crate) mod hosts;
pub(crate) mod sweep;
pub(crate) mod uploads;
pub(crate) mod usage;

pub(crate) fn statements() -> Vec<&'static Statement> {
    [uploads::ALL, usage::ALL, sweep::ALL, hosts::ALL].concat()
}
