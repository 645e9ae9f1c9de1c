//! Checks that end in every way, and a stage before nothing.

use std::path::PathBuf;

use underpin_audit::{Check, Outcome, Severity, Stage, Stopped, Target};

/// A check of this id; it passes.
pub(crate) const fn check(id: &'static str) -> Check {
    Check {
        id,
        seeds: &["S0.1", "S0.2"],
        severity: Severity::P1,
        promise: "A promise.",
        input: "something",
        measure: "something else",
        threshold: "none",
        fault: "some_fault",
        run: |_| Box::pin(async { Ok(Outcome::judge(true, "3 of 3")) }),
    }
}

pub(crate) const FAILS: Check = Check {
    run: |_| Box::pin(async { Ok(Outcome::of_breaches(vec!["the first".to_owned()], "1 breach")) }),
    ..check("it.fails")
};

pub(crate) const SKIPS: Check =
    Check { run: |_| Box::pin(async { Err(Stopped::skip("not here")) }), ..check("it.skips") };

pub(crate) const PANICS: Check =
    Check { run: |_| Box::pin(async { panic!("a broken {}", "check") }), ..check("it.panics") };

pub(crate) const HANGS: Check =
    Check { run: |_| Box::pin(std::future::pending()), ..check("it.hangs") };

/// A stage whose deployment is a ready file that is not there.
pub(crate) fn stage() -> Stage {
    // Fails only where another test of this process chose it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let missing = PathBuf::from("/nonexistent/ready.json");
    Stage::new(Target::ReadyFile(missing), Vec::new()).unwrap()
}
