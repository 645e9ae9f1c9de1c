//! The endpoints, one a file.
#![expect(unused_qualifications, reason = "what utoipa generates names its types in full")]

mod create_import;
mod get_findings_csv;
mod get_fund;
mod get_import;
mod get_import_events;
mod list_findings;
mod list_funds;
mod list_imports;
mod list_investors;
mod problem;
mod wire;

use underpin::http::Api;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(create_import::create_import, list_imports::list_imports))
        .routes(routes!(get_import::get_import))
        .routes(routes!(list_findings::list_findings))
        .routes(routes!(get_findings_csv::get_findings_csv))
        .routes(routes!(get_import_events::get_import_events))
        .routes(routes!(list_funds::list_funds))
        .routes(routes!(get_fund::get_fund))
        .routes(routes!(list_investors::list_investors))
}
