//! A deployment that is started to be audited, and ended whatever comes of it.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};
use underpin_runtime::CancellationToken;
use underpin_testkit_s3::S3Server;

/// Longest that a deployment may take until it serves.
const READY_MAX: Duration = Duration::from_mins(2);
/// Pause between two looks for its ready file.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Longest that one audit may take.
const AUDIT_MAX: Duration = Duration::from_mins(10);
/// Longest that a program may take to end in good order.
const END_MAX: Duration = Duration::from_mins(1);

/// A running `dev` in a directory of its own, with its files in a bucket as in production.
pub(crate) struct Deployment {
    supervisor: Child,
    directory: PathBuf,
    /// Holds the bucket.
    _s3: S3Server,
    /// Cancelled when we are told to end.
    told: CancellationToken,
}

/// The scorecard of an audit, as far as it is read here.
#[derive(Debug, Deserialize)]
pub(crate) struct Scorecard {
    pub(crate) checks: Vec<Line>,
}

/// One check.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) verdict: String,
    pub(crate) measured: Option<String>,
    #[serde(default)]
    pub(crate) evidence: Vec<String>,
}

impl Deployment {
    /// Start `program dev` with these variables and wait until it serves.
    pub(crate) async fn start(
        program: &Path,
        name: &str,
        variables: &[(&str, &str)],
        told: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let directory = format!("underpin-prove-{}-{name}", std::process::id());
        let directory = std::env::temp_dir().join(directory);
        std::fs::create_dir_all(&directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
        let log = std::fs::File::create(directory.join("dev.log"))?;
        let mut command = Command::new(program);
        command.args(["dev", "--listen", "127.0.0.1:0", "--data-dir"]).arg(directory.join("data"));
        command.arg("--ready-file").arg(directory.join("ready.json"));
        let s3 = S3Server::start().await;
        command.envs(variables.iter().copied()).envs(s3.variables());
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        // A group of its own: Ctrl-C reaches us alone, and everything is ended in order.
        let supervisor = command.process_group(0).spawn();
        let supervisor = supervisor.with_context(|| format!("cannot run {}", program.display()))?;
        let mut deployment = Self { supervisor, directory, _s3: s3, told: told.clone() };
        if let Err(error) = deployment.ready().await {
            deployment.stop().await?;
            return Err(error);
        }
        Ok(deployment)
    }

    async fn ready(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + READY_MAX;
        while !self.ready_file().exists() {
            if let Some(status) = self.supervisor.try_wait()? {
                bail!("`dev` ended with {status}:\n{}", self.last_words());
            }
            if self.told.is_cancelled() {
                bail!("told to end");
            }
            if Instant::now() > deadline {
                bail!("`dev` does not serve:\n{}", self.last_words());
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    fn ready_file(&self) -> PathBuf {
        self.directory.join("ready.json")
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.directory.join("dev.log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }

    /// Run `program audit` on it, for these checks or for all.
    pub(crate) async fn audit(&self, program: &Path, only: &[&str]) -> anyhow::Result<Scorecard> {
        let mut command = Command::new(program);
        command.args([OsStr::new("audit"), OsStr::new("--json"), OsStr::new("--ready-file")]);
        command.arg(self.ready_file()).args(only.iter().flat_map(|id| ["--only", *id]));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let audit = command.process_group(0).kill_on_drop(true).spawn();
        let audit = audit.with_context(|| format!("cannot run {}", program.display()))?;
        let pid = audit.id();
        let mut ended = Box::pin(audit.wait_with_output());
        let told = tokio::select! {
            output = &mut ended => return read(&output?),
            () = sleep(AUDIT_MAX) => "the audit does not end",
            () = self.told.cancelled() => "told to end",
        };
        // It takes away what it made.
        signal(pid, Signal::INT);
        let _ = timeout(END_MAX, ended).await;
        bail!("{told}")
    }

    /// End it and remove its directory.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        signal(self.supervisor.id(), Signal::INT);
        if timeout(END_MAX, self.supervisor.wait()).await.is_err() {
            self.supervisor.kill().await?;
            bail!("`dev` did not end; its Postgres may still run in {}", self.directory.display());
        }
        std::fs::remove_dir_all(&self.directory)
            .with_context(|| format!("cannot remove {}", self.directory.display()))
    }
}

fn signal(pid: Option<u32>, signal: Signal) {
    if let Some(pid) = pid.and_then(|pid| Pid::from_raw(pid.cast_signed())) {
        // One that is gone needs no word.
        let _ = kill_process(pid, signal);
    }
}

fn read(output: &std::process::Output) -> anyhow::Result<Scorecard> {
    serde_json::from_slice(&output.stdout).with_context(|| {
        let words = String::from_utf8_lossy(&output.stderr);
        format!("the audit ended with {} and no scorecard:\n{}", output.status, words.trim())
    })
}
