//! How a command ends: a failure is printed once, with its causes, without a backtrace.

use std::process::ExitCode;

/// The end of a command that has said all there is to say.
#[derive(Debug)]
pub(crate) struct Exit(pub(crate) u8);

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit code {}", self.0)
    }
}

impl std::error::Error for Exit {}

/// Print a failure and choose the exit code.
pub(crate) fn exit_code(end: anyhow::Result<()>) -> ExitCode {
    let Err(error) = end else { return ExitCode::SUCCESS };
    if let Some(Exit(code)) = error.downcast_ref() {
        return ExitCode::from(*code);
    }
    print(&error);
    ExitCode::FAILURE
}

/// Print a failure with its causes.
pub(crate) fn print(error: &anyhow::Error) {
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
}
