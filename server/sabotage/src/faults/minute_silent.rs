//! Summaries of a day instead of a minute.

use underpin_runtime::Settings;
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "minute_silent",
    what: "the sums of the requests are logged once a day, whatever interval was set",
    put_into: |build| Build {
        settings: |mut settings: Settings| {
            settings.log.summary_seconds = 86_400;
            settings
        },
        ..build
    },
};
