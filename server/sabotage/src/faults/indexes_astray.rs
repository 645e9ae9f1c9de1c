//! Indexes where they cost and none where it is needed.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "indexes_astray",
    what: "a foreign key has lost its index, and another index is there twice",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

const SQL: &str = "
    drop index if exists funds.allocation_fund_idx;
    create index if not exists fund_name_again on funds.fund (tenant_id, name_key) where deleted_at is null";
