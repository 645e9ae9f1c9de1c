//! SQL only: a statement and its row, one file per table family.

pub(crate) mod allocation;
pub(crate) mod allocations;
pub(crate) mod dashboard;
pub(crate) mod deleted;
pub(crate) mod findings;
pub(crate) mod fund_allocations;
pub(crate) mod fund_list;
pub(crate) mod funds;
pub(crate) mod imports;
pub(crate) mod investor_list;
pub(crate) mod investors;
pub(crate) mod movements;
pub(crate) mod overview;
pub(crate) mod portfolio;
pub(crate) mod purge;
pub(crate) mod reports;
pub(crate) mod sums;

use underpin::db::Statement;

pub(crate) fn statements() -> Vec<&'static Statement> {
    [
        allocation::ALL,
        allocations::ALL,
        dashboard::ALL,
        deleted::ALL,
        findings::ALL,
        fund_allocations::ALL,
        funds::ALL,
        imports::ALL,
        investor_list::ALL,
        investors::ALL,
        movements::ALL,
        portfolio::ALL,
        purge::ALL,
        reports::ALL,
    ]
    .into_iter()
    .chain(fund_list::ALL.iter().copied())
    .flatten()
    .copied()
    .collect()
}
