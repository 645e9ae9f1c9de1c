//! A unique key that counts what was deleted.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "names_kept_forever",
    what: "a deleted fund keeps its name from all others",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

const SQL: &str =
    "create unique index if not exists fund_name_forever on funds.fund (tenant_id, name_key)";
