#![doc = include_str!("../README.md")]

mod bucket;
mod database;
mod deployment;
mod faults;
mod prove;
mod store;

use std::process::ExitCode;

use underpin_server::Build;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Names the fault, here and in every process of a sabotaged `dev`.
const VARIABLE: &str = "UNDERPIN_SABOTAGE";

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("prove") => prove::main(),
        Some("bucket") => bucket::main(),
        Some("faults") => list(),
        _ => serve(),
    }
}

/// The server with the fault that the environment names.
fn serve() -> ExitCode {
    let name = std::env::var(VARIABLE).unwrap_or_default();
    let Some(fault) = faults::find(&name) else {
        let named = if name.is_empty() { "no fault is named" } else { "there is no such fault" };
        eprintln!("underpin-sabotage: {VARIABLE}={name}: {named}; these are known:");
        for fault in faults::ALL {
            eprintln!("  {:<18} {}", fault.name, fault.what);
        }
        return ExitCode::FAILURE;
    };
    eprintln!("underpin-sabotage: {}: {}", fault.name, fault.what);
    let build = Build {
        name: "underpin-sabotage",
        environment: &[VARIABLE],
        ..Build::of(underpin_server::platform)
    };
    underpin_server::main_of((fault.put_into)(build))
}

/// Print every fault, for people and for the test that looks for their traces in the program that ships.
fn list() -> ExitCode {
    for fault in faults::ALL {
        println!("{:<18} {}", fault.name, fault.what);
    }
    ExitCode::SUCCESS
}
