//! What a schedule does not do it does not tell.

use underpin_runtime::Settings;
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "skips_silent",
    what: "a tick that is skipped is not logged",
    put_into: |build| Build {
        settings: |mut settings: Settings| {
            settings.log.filter.push_str(",underpin_jobs::schedule=off");
            settings
        },
        ..build
    },
};
