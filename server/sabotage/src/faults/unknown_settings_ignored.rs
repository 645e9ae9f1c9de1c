//! A setting that nobody knows counts as none.

use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "unknown_settings_ignored",
    what: "a misspelt setting is passed over, so that the process runs with the default",
    put_into: |build| Build {
        environment: &[crate::VARIABLE, "UNDERPIN_DATABASE_APP_CONECTIONS_MAX"],
        ..build
    },
};
