//! A row that carries the document it came from.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "rows_fat",
    what: "each investor's row carries the text that it was read from",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

const SQL: &str = "alter table funds.investor add column if not exists raw text not null default repeat('x', 1500)";
