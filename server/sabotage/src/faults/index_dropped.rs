//! A look-up that worked by an index until somebody thought it was of no use.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "index_dropped",
    what: "sessions that ended are looked for in all of them",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

const SQL: &str = "drop index if exists underpin.session_expires_idx";
