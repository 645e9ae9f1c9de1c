//! `underpin-sabotage bucket`: a command beside a bucket, as the deployments of `prove` have one.

use std::process::ExitCode;

use anyhow::Context as _;
use tokio::{
    process::Command,
    signal::unix::{SignalKind, signal},
};
use underpin_testkit_s3::S3Server;

/// Run the rest of the command line.
pub(crate) fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let end = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run()));
    end.unwrap_or_else(|error: anyhow::Error| {
        eprintln!("underpin-sabotage: {error:#}");
        ExitCode::FAILURE
    })
}

/// Start the bucket and the command, and end with it. Ctrl-C and SIGTERM are the command's to answer, which they reach too.
async fn run() -> anyhow::Result<ExitCode> {
    let mut words = std::env::args_os().skip(2);
    let program = words.next().context("give a command")?;
    let _interrupt = signal(SignalKind::interrupt())?;
    let _terminate = signal(SignalKind::terminate())?;
    let s3 = S3Server::start().await;
    let mut command = Command::new(&program);
    command.args(words).envs(s3.variables()).kill_on_drop(true);
    let status = command.status().await;
    let status = status.with_context(|| format!("cannot run {}", program.display()))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
