//! A log without the requests that went well.

use underpin_runtime::Settings;
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "events_lost",
    what: "of the requests only those that failed are logged, as a log is often set to save room",
    put_into: |build| Build {
        settings: |mut settings: Settings| {
            FILTER.clone_into(&mut settings.log.filter);
            settings
        },
        ..build
    },
};

const FILTER: &str = "info,underpin_http::layers=warn";
