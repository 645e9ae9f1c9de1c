//! Policies that know nothing of what was deleted: it is left to each statement to remember it.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "deleted_rows_seen",
    what: "deleted funds, investors and allocations are there for every statement that forgets to leave them out",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

const SQL: &str = "
    alter policy hides_deleted on funds.fund using (true);
    alter policy hides_deleted on funds.investor using (true);
    alter policy hides_deleted on funds.allocation using (true)";
