//! A panic ends the process, as it does where a build says `panic = "abort"`.

use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "panic_aborts",
    what: "a panic in one request ends the process and with it every other request",
    put_into: |build| Build {
        public: |router, _| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                before(panic);
                std::process::abort();
            }));
            router
        },
        ..build
    },
};
