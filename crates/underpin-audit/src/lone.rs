//! A web process of the deployment's own program and settings that nobody else asks: what it logs and counts is what a check did.

use std::{process::Stdio, time::Duration};

use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStderr},
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use crate::{Answer, Ask, Stage, Stopped, further::Further};

/// Longest that it may take until it serves.
const READY_MAX: Duration = Duration::from_secs(30);
/// Longest that it may take to end in good order.
const END_MAX: Duration = Duration::from_secs(15);
/// Pause between two looks whether it serves.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Lines of its log that are kept.
const LINES_MAX: usize = 100_000;
/// What it has whatever the deployment has: a log for machines, and few of the database's connections.
const SETTINGS: [(&str, &str); 3] = [
    ("UNDERPIN_LOG_FORMAT", "json"),
    ("UNDERPIN_DATABASE_APP_CONNECTIONS_MAX", "4"),
    ("UNDERPIN_DATABASE_SYSTEM_CONNECTIONS_MAX", "2"),
];

/// A process of one check. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Lone {
    child: Child,
    log: JoinHandle<Vec<String>>,
    /// What its users ask.
    pub(crate) url: String,
    /// What its operators ask.
    pub(crate) operator_url: String,
}

/// What a process logged, from its first line of JSON on: what it prints before its log begins is no line of it.
#[derive(Debug)]
pub(crate) struct Lines {
    /// The lines.
    pub(crate) all: Vec<Value>,
    /// Those that are no JSON object.
    pub(crate) odd: Vec<String>,
}

impl Lone {
    /// Start it with these arguments and settings beside those of the deployment's web processes, and wait until it serves.
    ///
    /// Errors: skip, where processes must not be started; inconclusive, if it does not serve.
    pub(crate) async fn start(
        stage: &Stage,
        args: &[&str],
        settings: &[(&str, &str)],
    ) -> Result<Self, Stopped> {
        let settings: Vec<_> = SETTINGS.iter().chain(settings).copied().collect();
        let Further { mut child, url, operator_url } =
            Further::spawn(stage, args, &settings, Stdio::piped()).await?;
        let log = child.stderr.take().map(|log| tokio::spawn(read(log)));
        let log = log.ok_or_else(|| Stopped::inconclusive("the process has no log"))?;
        let mut lone = Self { child, log, url, operator_url };
        lone.ready(stage).await?;
        Ok(lone)
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> Result<u32, Stopped> {
        self.child.id().ok_or_else(|| Stopped::inconclusive("a process of our own has ended"))
    }

    async fn ready(&mut self, stage: &Stage) -> Result<(), Stopped> {
        let deadline = Instant::now() + READY_MAX;
        let started = format!("{}/startupz", self.url);
        loop {
            let ask = Ask::bare(stage.http(), Method::GET, &started);
            if ask.send().await.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            let ended = self.child.try_wait().ok().flatten();
            if ended.is_some() || Instant::now() > deadline {
                self.log.abort();
                let how =
                    ended.map_or("in time".to_owned(), |status| format!("but ended with {status}"));
                return Err(Stopped::inconclusive(format!(
                    "a process of our own does not serve {how}"
                )));
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Tell it to end; gives the whole of what it logged.
    pub(crate) async fn end(mut self) -> Result<Lines, Stopped> {
        if let Some(pid) = self.child.id().and_then(|pid| Pid::from_raw(pid.cast_signed())) {
            // One that is gone needs no word.
            let _ = kill_process(pid, Signal::TERM);
        }
        if timeout(END_MAX, self.child.wait()).await.is_err() {
            return Err(Stopped::inconclusive("a process of our own does not end"));
        }
        let lines = self.log.await;
        let lines = lines.map_err(|_| Stopped::inconclusive("the log could not be read"))?;
        Ok(Lines::of(&lines))
    }
}

impl Lines {
    fn of(lines: &[String]) -> Self {
        let (mut all, mut odd) = (Vec::new(), Vec::new());
        for line in lines {
            match serde_json::from_str::<Value>(line) {
                Ok(value) if value.is_object() => all.push(value),
                _ if all.is_empty() => {}
                _ => odd.push(line.chars().take(200).collect()),
            }
        }
        Self { all, odd }
    }

    /// Those with this message.
    pub(crate) fn of_message(&self, message: &str) -> impl Iterator<Item = &Value> {
        self.all.iter().filter(move |line| line["message"] == message)
    }
}

async fn read(log: ChildStderr) -> Vec<String> {
    let (mut lines, mut kept) = (BufReader::new(log).lines(), Vec::new());
    while let Ok(Some(line)) = lines.next_line().await {
        if kept.len() < LINES_MAX {
            kept.push(line);
        }
    }
    kept
}

/// The id of an answer's trace.
pub(crate) fn trace_of(answer: &Answer) -> &str {
    answer.header("traceparent").and_then(|trace| trace.get(3..35)).unwrap_or_default()
}
