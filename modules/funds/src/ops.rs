//! One use case per file: the only place that mixes rules and store.

pub(crate) mod apply_chunk;
pub(crate) mod create_allocation;
pub(crate) mod create_fund;
pub(crate) mod create_investor;
pub(crate) mod delete_allocation;
pub(crate) mod delete_fund;
pub(crate) mod delete_investor;
pub(crate) mod finish_import;
pub(crate) mod get_allocation;
pub(crate) mod get_dashboard;
pub(crate) mod get_fund;
pub(crate) mod get_portfolio;
pub(crate) mod import_upload;
pub(crate) mod list_deleted;
pub(crate) mod list_fund_allocations;
pub(crate) mod list_funds;
pub(crate) mod list_imports;
pub(crate) mod list_investors;
pub(crate) mod purge_deleted;
pub(crate) mod restore_allocation;
pub(crate) mod restore_fund;
pub(crate) mod restore_investor;
pub(crate) mod start_import;
pub(crate) mod update_allocation;
pub(crate) mod update_fund;
