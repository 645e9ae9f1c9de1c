//! A pool that does not fit is quietly made smaller.

use underpin_runtime::Settings;
use underpin_server::Build;

use super::Fault;

/// Connections that fit whatever was asked for.
const FITS: u32 = 4;

pub(super) const FAULT: Fault = Fault {
    name: "pool_clamped",
    what: "a pool that is set too large becomes a small one, and nobody is told",
    put_into: |build| Build {
        settings: |mut settings: Settings| {
            if settings.database.app_connections_max > 100 {
                settings.database.app_connections_max = FITS;
            }
            settings
        },
        ..build
    },
};
