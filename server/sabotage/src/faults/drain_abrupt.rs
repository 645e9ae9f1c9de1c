//! Whoever is told to end ends at once.

use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "drain_abrupt",
    what: "a process that is told to end closes its sockets at once and cuts off what it was asked",
    put_into: |build| Build {
        settings: |mut settings| {
            (settings.http.notice_seconds, settings.http.drain_seconds) = (0, 0);
            settings
        },
        ..build
    },
};
