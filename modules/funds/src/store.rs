//! SQL only: a statement and its row, one file per table family.

pub(crate) mod allocations;
pub(crate) mod findings;
pub(crate) mod fund_list;
pub(crate) mod funds;
pub(crate) mod imports;
pub(crate) mod investor_list;
pub(crate) mod investors;
pub(crate) mod reports;

use underpin::db::Statement;

pub(crate) fn statements() -> Vec<&'static Statement> {
    [
        allocations::ALL,
        findings::ALL,
        funds::ALL,
        imports::ALL,
        investor_list::ALL,
        investors::ALL,
        reports::ALL,
    ]
    .into_iter()
    .chain(fund_list::ALL.iter().copied())
    .flatten()
    .copied()
    .collect()
}
