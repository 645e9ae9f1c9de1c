//! Commands that need no deployment, as a person at a terminal sees them.

use std::process::{Command, Stdio};

#[test]
fn dev_serves_this_machine_only() {
    let output = underpin(&["dev", "--listen", "0.0.0.0:0"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("is not a loopback address"));
}

#[test]
fn config_names_origins_and_hides_secrets() {
    let mut command = underpin(&["config"]);
    command.env("UNDERPIN_SECURITY_OPERATOR_TOKEN", "hunter2-hunter2-hunter2");
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(text.contains("# UNDERPIN_SECURITY_OPERATOR_TOKEN") && !text.contains("hunter2"));
}

#[test]
fn an_unknown_setting_ends_every_command_that_reads_settings() {
    for command in [&["config"][..], &["serve"], &["work"], &["migrate"], &["doctor"]] {
        let output = underpin(command).env("UNDERPIN_HTTP_LISTN", "x").output().unwrap();
        assert!(!output.status.success(), "{command:?}");
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains("did you mean http.listen"), "{errors}");
    }
}

#[test]
fn the_openapi_document_needs_no_database() {
    let output = underpin(&["openapi"]).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["paths"]["/v1/session"].is_object());
}

/// The binary with an argument list and nothing of our settings.
pub(crate) fn underpin(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpin"));
    command.args(args).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("UNDERPIN_") && name != "UNDERPIN_PG_BIN" {
            command.env_remove(name);
        }
    }
    command
}
