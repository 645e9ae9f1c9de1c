//! Statements take as long as they like.

use underpin_runtime::Settings;
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "statements_unbounded",
    what: "a statement of a request may run for an hour, and so holds its connection",
    put_into: |build| Build {
        settings: |mut settings: Settings| {
            settings.database.web_statement_timeout_ms = 3_600_000;
            settings
        },
        ..build
    },
};
