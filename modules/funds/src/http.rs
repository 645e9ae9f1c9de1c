//! The endpoints, one a file.
#![expect(unused_qualifications, reason = "what utoipa generates names its types in full")]

mod create_allocation;
mod create_fund;
mod create_import;
mod create_investor;
mod delete_allocation;
mod delete_fund;
mod delete_investor;
mod details;
mod get_allocation;
mod get_dashboard;
mod get_findings_csv;
mod get_fund;
mod get_import;
mod get_import_events;
mod get_portfolio;
mod import_upload;
mod list_deleted;
mod list_findings;
mod list_fund_allocations;
mod list_funds;
mod list_imports;
mod list_investors;
mod overview;
mod problem;
mod restore_allocation;
mod restore_fund;
mod restore_investor;
pub(crate) mod rooms;
mod update_allocation;
mod update_fund;
mod wire;

use underpin::http::Api;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    let reports = OpenApiRouter::new()
        .routes(routes!(get_dashboard::get_dashboard))
        .routes(routes!(get_portfolio::get_portfolio));
    OpenApiRouter::new()
        .merge(underpin::http::reports(reports))
        .routes(routes!(create_import::create_import, list_imports::list_imports))
        .routes(routes!(import_upload::import_upload))
        .routes(routes!(get_import::get_import))
        .routes(routes!(list_findings::list_findings))
        .routes(routes!(get_findings_csv::get_findings_csv))
        .routes(routes!(get_import_events::get_import_events))
        .routes(routes!(list_funds::list_funds, create_fund::create_fund))
        .routes(routes!(get_fund::get_fund, update_fund::update_fund, delete_fund::delete_fund))
        .routes(routes!(
            list_fund_allocations::list_fund_allocations,
            create_allocation::create_allocation
        ))
        .routes(routes!(
            get_allocation::get_allocation,
            update_allocation::update_allocation,
            delete_allocation::delete_allocation
        ))
        .routes(routes!(list_investors::list_investors, create_investor::create_investor))
        .routes(routes!(delete_investor::delete_investor))
        .routes(routes!(list_deleted::list_deleted))
        .routes(routes!(restore_fund::restore_fund))
        .routes(routes!(restore_investor::restore_investor))
        .routes(routes!(restore_allocation::restore_allocation))
}
