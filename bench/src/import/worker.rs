//! The worker as a process of its own, so that its memory is its own.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result, bail};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;
use underpin::{
    base::SystemClock,
    db::{Db, Settings},
    files::Files,
    jobs::{Registry, Runner, RunnerSettings},
};
use underpin_funds::{ApplyImport, Context};

/// What the process does: work until it is killed.
pub(crate) async fn run(args: Vec<String>) -> Result<()> {
    let [app_url, system_url, directory] = &args[..] else { bail!("worker APP SYSTEM DIRECTORY") };
    let db = Db::new(Settings::new(app_url, system_url))?;
    let files = Files::local(Path::new(directory))?;
    let mut registry = Registry::new();
    registry.register::<ApplyImport>(Context::new(files, Arc::new(SystemClock)));
    Runner::new(db, registry, RunnerSettings::default()).run(CancellationToken::new()).await;
    Ok(())
}

/// Start the process.
pub(crate) fn start(app_url: &str, system_url: &str, directory: &Path) -> Result<Child> {
    let program = std::env::current_exe()?;
    let mut command = Command::new(program);
    command.args(["worker", app_url, system_url]).arg(directory).kill_on_drop(true);
    command.spawn().context("start the worker")
}

/// A figure of `/proc/<pid>/status` in MiB.
pub(crate) fn mib(worker: &Child, what: &str) -> Result<f64> {
    let pid = worker.id().context("the worker ended")?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.split_whitespace().next()).context("no such figure")?;
    Ok(kib.parse::<f64>()? / 1_024.0)
}
