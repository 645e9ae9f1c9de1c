#![doc = include_str!("../README.md")]

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
pub use jobs::apply_import::{ApplyImport, Context};
pub use model::{AllocationId, Amounts, FundId, ImportId, InvestorId, Name, Row};
pub use ops::{
    get_fund::get_fund,
    list_funds::{FundPage, FundQuery, list_funds},
    list_imports::{findings_after, get_import, list_findings, list_imports},
    list_investors::{InvestorPage, list_investors},
    start_import::{Started, start_import},
};
pub use store::{
    findings::KeptFinding,
    fund_list::{Fund, FundAllocation, Sort, SortBy, Sums, Total},
    imports::{Counts, Import},
    investor_list::Investor,
};

/// What the module owns and serves.
pub fn module() -> Module {
    Module::new("funds")
        .component(COMPONENT)
        .statements(statements())
        .routes(http::routes)
        .job::<ApplyImport>(|parts| {
            Context::new(parts.uploads.files().clone(), parts.clock.clone())
        })
        .demo(demo::seed)
}

/// The tables of schema `funds`.
pub const COMPONENT: Component = Component { name: "funds", migrations: migrations!["0001_init"] };

/// The module's statements, for the test that prepares every statement.
pub fn statements() -> Vec<&'static Statement> {
    store::statements()
}
