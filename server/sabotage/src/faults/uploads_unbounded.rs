//! As many files at once as anybody likes.

use underpin_runtime::Settings;
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "uploads_unbounded",
    what: "a person and a tenant may have any number of files on their way at the same time",
    put_into: |build| Build {
        settings: |mut settings: Settings| {
            settings.files.uploads_per_user_max = MANY;
            settings.files.uploads_per_tenant_max = MANY;
            settings
        },
        ..build
    },
};

const MANY: u32 = 1_000;
