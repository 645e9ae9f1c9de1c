//! Keeping one child process running, on a leash.

use std::{
    fs::File,
    net::TcpListener,
    os::fd::AsFd as _,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::Context as _;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    sync::watch,
    time::{Instant, sleep, timeout},
};
use underpin_runtime::CancellationToken;

use crate::handover;

/// First pause before a child that died is started again.
const BACKOFF_MIN: Duration = Duration::from_millis(100);
/// Longest such pause.
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// A child that lived this long is well: its next pause is the first one.
const WELL_AFTER: Duration = Duration::from_secs(10);
/// How long a child may take to end after its leash was let go; the child's own limit is shorter.
const END_MAX: Duration = Duration::from_secs(8);

/// What a child is.
pub(super) struct Recipe {
    /// Its name in messages and of its log.
    pub(super) name: String,
    pub(super) program: PathBuf,
    pub(super) args: Vec<&'static str>,
    /// Its whole environment; secrets are in it and never on the command line.
    pub(super) env: Vec<(String, String)>,
    /// The sockets it gets.
    pub(super) listeners: Vec<TcpListener>,
    pub(super) log: PathBuf,
}

/// How a child is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct State {
    /// Its process id, once it serves.
    pub(super) ready: Option<u32>,
    /// How often it died since it last served.
    pub(super) deaths: u32,
    /// What it said when it last ended; none if it never did, or a signal ended it.
    pub(super) last_exit: Option<i32>,
}

/// Keeps one child running.
pub(super) struct Keeper {
    recipe: Recipe,
    state: watch::Sender<State>,
}

impl Keeper {
    pub(super) fn new(recipe: Recipe) -> Self {
        Self { recipe, state: watch::Sender::new(State::default()) }
    }

    pub(super) fn name(&self) -> &str {
        &self.recipe.name
    }

    pub(super) fn state(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// Run the child, again whenever it dies, until told to stop; then let go of its leash and wait for its end.
    pub(super) async fn run(&self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut backoff = BACKOFF_MIN;
        loop {
            let since = Instant::now();
            let end = self.run_once(&stop).await?;
            self.state.send_modify(|state| (state.ready, state.last_exit) = (None, end.code()));
            if stop.is_cancelled() {
                return Ok(());
            }
            if since.elapsed() >= WELL_AFTER {
                backoff = BACKOFF_MIN;
            }
            let name = self.name();
            eprintln!(
                "{name} ended ({end}) and is started again; its log: {}",
                self.recipe.log.display()
            );
            self.state.send_modify(|state| state.deaths += 1);
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = sleep(backoff) => {}
            }
            backoff = (backoff * 2).min(BACKOFF_MAX);
        }
    }

    /// One life of the child; gives how it ended.
    async fn run_once(&self, stop: &CancellationToken) -> anyhow::Result<ExitStatus> {
        let (mut child, leash) = self.start()?;
        let pid = child.id();
        leash.set_nonblocking(true)?;
        let mut leash = tokio::net::UnixStream::from_std(leash)?;
        let (words, _write) = leash.split();
        let mut words = BufReader::new(words).lines();
        let mut talks = true;
        loop {
            tokio::select! {
                status = child.wait() => return Ok(status?),
                () = stop.cancelled() => break,
                word = words.next_line(), if talks => match word {
                    Ok(Some(word)) if word == handover::READY => {
                        self.state.send_modify(|state| (state.ready, state.deaths) = (pid, 0));
                    }
                    Ok(Some(_)) => {}
                    _ => talks = false,
                },
            }
        }
        drop(words);
        drop(leash);
        end(&mut child).await
    }

    fn start(&self) -> anyhow::Result<(Child, std::os::unix::net::UnixStream)> {
        let recipe = &self.recipe;
        let log = File::options().create(true).append(true).open(&recipe.log);
        let log = log.with_context(|| format!("cannot open {}", recipe.log.display()))?;
        let (leash, theirs) = handover::make()?;
        let mut command = Command::new(&recipe.program);
        command.args(&recipe.args).env_clear().envs(recipe.env.iter().map(|(k, v)| (k, v)));
        command.stdin(theirs).stdout(Stdio::null()).stderr(log);
        // A group of its own: Ctrl-C reaches the supervisor alone, which ends everything in order.
        let child = command.process_group(0).kill_on_drop(true).spawn();
        let child = child.with_context(|| format!("cannot run {}", recipe.program.display()))?;
        let sockets: Vec<_> = recipe.listeners.iter().map(|listener| listener.as_fd()).collect();
        handover::send(&leash, &sockets).context("cannot hand over the sockets")?;
        Ok((child, leash))
    }

    /// The end of the child's log, for the message about a start that failed.
    pub(super) fn last_words(&self) -> String {
        let log = std::fs::read(&self.recipe.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&log[log.len().saturating_sub(4_096)..]).into_owned();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }
}

/// Wait for a child whose leash was let go; what does not end is killed.
async fn end(child: &mut Child) -> anyhow::Result<ExitStatus> {
    if let Ok(status) = timeout(END_MAX, child.wait()).await {
        return Ok(status?);
    }
    child.kill().await?;
    Ok(child.wait().await?)
}
