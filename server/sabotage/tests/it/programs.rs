use std::{path::Path, process::Command};

use memchr::memmem;

const SABOTAGE: &str = env!("CARGO_BIN_EXE_underpin-sabotage");

/// The faults with what they break, as the program lists them.
fn faults() -> Vec<(String, String)> {
    let output = Command::new(SABOTAGE).arg("faults").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let pair = |line: &str| {
        let (name, what) = line.split_once(' ').unwrap();
        (name.to_owned(), what.trim().to_owned())
    };
    text.lines().map(pair).collect()
}

fn holds(program: &[u8], text: &str) -> bool {
    memmem::find(program, text.as_bytes()).is_some()
}

#[test]
fn the_program_that_ships_holds_no_fault_and_no_way_to_choose_one() {
    // Built beside this test's own program by whoever builds the workspace.
    let underpin = Path::new(SABOTAGE).with_file_name("underpin");
    let underpin = std::fs::read(&underpin)
        .unwrap_or_else(|error| panic!("{}: {error}; `make server` builds it", underpin.display()));
    let sabotage = std::fs::read(SABOTAGE).unwrap();
    let faults = faults();
    assert!(faults.len() >= 11, "{faults:?}");
    let traces = faults.iter().map(|(_, what)| what.as_str());
    for trace in traces.chain(["UNDERPIN_SABOTAGE", "underpin-sabotage", "sabotage_"]) {
        assert!(holds(&sabotage, trace), "{trace}: the search finds nothing, so it proves nothing");
        assert!(!holds(&underpin, trace), "{trace}: in the program that ships");
    }
}

#[test]
fn a_fault_must_be_named_and_known() {
    for name in ["", "everything"] {
        let mut command = Command::new(SABOTAGE);
        let output = command.arg("dev").env("UNDERPIN_SABOTAGE", name).output().unwrap();
        assert!(!output.status.success());
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(words.contains("rls_off") && words.contains("n_plus_one"), "{words}");
    }
}

#[test]
fn a_sabotaged_command_knows_its_fault_and_still_refuses_unknown_settings() {
    let mut command = Command::new(SABOTAGE);
    command.arg("config").env("UNDERPIN_SABOTAGE", "fence_off");
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lease = text.lines().find(|line| line.starts_with("jobs.lease_seconds = "));
    assert!(
        output.status.success() && lease.unwrap().starts_with("jobs.lease_seconds = 24 "),
        "{text}"
    );
    command.env("UNDERPIN_SABOTAGES", "rls_off");
    assert!(!command.output().unwrap().status.success());
}
