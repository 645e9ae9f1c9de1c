//! Connections are never renewed and never closed.

use underpin_runtime::Settings;
use underpin_server::Build;

use super::Fault;

/// A day, in seconds.
const LONG: u32 = 86_400;

pub(super) const FAULT: Fault = Fault {
    name: "connections_kept",
    what: "a connection that was opened stays open, however old it is and whether anybody needs it",
    put_into: |build| Build {
        settings: |mut settings: Settings| {
            settings.database.lifetime_seconds_max = LONG;
            settings.database.idle_seconds_max = LONG;
            settings
        },
        ..build
    },
};
