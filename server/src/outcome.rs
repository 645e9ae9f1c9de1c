//! How a command ends: a failure is printed once, with its causes, without a backtrace.

use std::process::ExitCode;

/// Print a failure and choose the exit code.
pub(crate) fn exit_code(end: anyhow::Result<()>) -> ExitCode {
    let Err(error) = end else { return ExitCode::SUCCESS };
    let mut text = format!("underpin: {error}");
    let mut last = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !last.contains(&cause) {
            text.push_str("\n  because: ");
            text.push_str(&cause);
            last = cause;
        }
    }
    eprintln!("{text}");
    ExitCode::FAILURE
}
