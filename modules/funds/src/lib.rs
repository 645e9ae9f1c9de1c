#![doc = include_str!("../README.md")]

mod audit;
mod demo;
mod error;
mod events;
mod http;
mod import;
mod jobs;
mod model;
mod ops;
mod rules;
mod store;

use underpin::{
    Module,
    db::{Component, Statement, migrations},
};

pub use error::{Error, Result};
pub use import::{Chunk, Chunks, Code, Columns, FileError, Finding, Place, ReadResult, Severity};
pub use jobs::{
    apply_import::{ApplyImport, Context},
    sum_movements::SumMovements,
};
pub use model::{AllocationId, Amounts, FundId, ImportId, InvestorId, Name, Patch, Row};
pub use ops::{
    create_allocation::{AllocationEntry, create_allocation},
    create_fund::{FundEntry, create_fund},
    create_investor::{InvestorDetails, create_investor},
    delete_allocation::delete_allocation,
    delete_fund::delete_fund,
    delete_investor::delete_investor,
    get_allocation::get_allocation,
    get_dashboard::get_dashboard,
    get_fund::get_fund,
    get_portfolio::get_portfolio,
    import_upload::import_upload,
    list_deleted::list_deleted,
    list_fund_allocations::{AllocationQuery, FundAllocationPage, list_fund_allocations},
    list_funds::{FundPage, FundQuery, list_funds},
    list_imports::{findings_after, get_import, list_findings, list_imports},
    list_investors::{InvestorPage, list_investors},
    purge_deleted::{Purge, purge_deleted},
    restore_allocation::restore_allocation,
    restore_fund::restore_fund,
    restore_investor::restore_investor,
    start_import::{Started, start_import},
    update_allocation::{AllocationChange, update_allocation},
    update_fund::{FundChange, update_fund},
};
pub use rules::entry::{Fault, ReportEntry};
pub use store::{
    allocation::{Allocation, DatedReport},
    dashboard::Dashboard,
    deleted::{Deleted, DeletedKind},
    findings::KeptFinding,
    fund_allocations::FundAllocation,
    fund_list::{Fund, Sort, SortBy, Sums, Total},
    funds::FundDetails,
    imports::{Counts, Import},
    investor_list::Investor,
    overview::{Group, Overview, Share, State},
    portfolio::{Portfolio, Vintage},
};

/// What the module owns and serves.
pub fn module() -> Module {
    Module::new("funds")
        .component(COMPONENT)
        .statements(statements())
        .routes(http::routes)
        .room(http::rooms::fund())
        .room(http::rooms::funds())
        .room(http::rooms::import())
        .job::<ApplyImport>(|parts| {
            Context::new(parts.uploads.files().clone(), parts.clock.clone())
        })
        .job::<SumMovements>(|parts| parts.clock.clone())
        .schedule(jobs::purge_deleted::schedule)
        .checks(audit::checks)
        .demo(demo::seed)
}

/// The tables of schema `funds`.
pub const COMPONENT: Component = Component {
    name: "funds",
    migrations: migrations![
        "0001_init",
        "0002_changes",
        "0003_purge",
        "0004_indexes",
        "0005_exceptions",
        "0006_deleted",
        "0007_deleted_indexes",
        "0008_vintages"
    ],
};

/// The module's statements, for the test that prepares every statement.
pub fn statements() -> Vec<&'static Statement> {
    store::statements()
}
