//! Whoever finds no free connection waits for one.

use underpin_runtime::Settings;
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "pool_waits",
    what: "a request that finds every connection at work waits half a minute for one",
    put_into: |build| Build {
        settings: |mut settings: Settings| {
            settings.database.acquire_timeout_ms = 30_000;
            settings
        },
        ..build
    },
};
