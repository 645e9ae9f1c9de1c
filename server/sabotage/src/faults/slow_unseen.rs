//! Nothing is ever slow.

use underpin_runtime::Settings;
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "slow_unseen",
    what: "no request and no statement takes long enough to be recorded as slow",
    put_into: |build| Build {
        settings: |mut settings: Settings| {
            (settings.log.slow_request_ms, settings.log.slow_statement_ms) = (u32::MAX, u32::MAX);
            settings
        },
        ..build
    },
};
