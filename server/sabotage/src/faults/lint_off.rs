//! Every migration is as good as any other.

use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "lint_off",
    what: "no migration is found to hold up a deployment",
    put_into: |build| Build { lint: |_| Vec::new(), ..build },
};
