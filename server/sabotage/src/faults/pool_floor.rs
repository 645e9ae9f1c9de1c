//! No pool is smaller than somebody thought right.

use underpin_runtime::Settings;
use underpin_server::Build;

use super::Fault;

/// Connections that each pool has at least.
const FLOOR: u32 = 12;

pub(super) const FAULT: Fault = Fault {
    name: "pool_floor",
    what: "a pool that is set to fewer than twelve connections has twelve, whatever it was set to",
    put_into: |build| Build {
        settings: |mut settings: Settings| {
            let connections = &mut settings.database.app_connections_max;
            *connections = (*connections).max(FLOOR);
            settings
        },
        ..build
    },
};
