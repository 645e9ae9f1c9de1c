//! The life of a long-running process: started, told to end, drained, ended by a deadline.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use tokio::time::timeout;
use underpin_runtime::{Health, Settings, Tasks, telemetry};

use crate::{
    Build,
    handover::{self, Leash},
    signals::Signals,
};

/// What every limit of the end has more than the one inside it.
const GRACE: Duration = Duration::from_secs(1);

/// Why a process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// It alone was told to: others go on.
    Signal,
    /// Its supervisor is gone, and so is everybody else.
    LetGo,
}

impl Word {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::LetGo => "the supervisor let go",
        }
    }
}

/// What every long-running process has.
pub(crate) struct Process {
    pub(crate) settings: Settings,
    pub(crate) tasks: Tasks,
    signals: Signals,
    leash: Option<Leash>,
}

impl Process {
    /// Read the settings, start the log, listen to signals, and take the leash with `sockets` if there is one.
    pub(crate) fn start(
        build: Build,
        config: Option<PathBuf>,
        leash: Option<usize>,
    ) -> anyhow::Result<(Self, Vec<std::net::TcpListener>)> {
        let settings = build.load_settings(config)?;
        telemetry::init(&settings.log)?;
        let signals = Signals::listen()?;
        let (leash, sockets) = match leash.map(handover::take).transpose() {
            Ok(Some((leash, sockets))) => (Some(leash), sockets),
            Ok(None) => (None, Vec::new()),
            Err(error) => return Err(error).context("standard input is no leash of a supervisor"),
        };
        Ok((Self { settings, tasks: Tasks::new(), signals, leash }, sockets))
    }

    /// How long a web process takes requests after the word to end.
    pub(crate) fn notice(&self) -> Duration {
        Duration::from_secs(self.settings.http.notice_seconds.into())
    }

    /// How long requests and jobs may go on after that.
    pub(crate) fn drain(&self) -> Duration {
        Duration::from_secs(self.settings.http.drain_seconds.into())
    }

    /// Serve until a signal comes or the supervisor is gone; then say so, drain, stop every service and return.
    ///
    /// For `notice` after a signal the process takes requests as before and only calls itself not ready, so that nobody is sent to
    /// sockets that are closed. A process that cannot end in time is ended all the same.
    pub(crate) async fn run(mut self, health: &Health, notice: Duration) -> anyhow::Result<()> {
        health.set_started();
        if let Some(leash) = &self.leash {
            leash.ready().context("the supervisor is gone")?;
        }
        let word = self.word_to_end().await;
        tracing::info!(reason = word.as_str(), drain_seconds = self.drain().as_secs(), "draining");
        health.set_draining();
        if word == Word::Signal {
            // A second word cuts it short.
            let _ = timeout(notice, self.word_to_end()).await;
        }
        // The listeners keep to the drain themselves; a second more lets them say so before they are cut off.
        let deadline = self.drain() + GRACE;
        std::thread::spawn(move || {
            std::thread::sleep(deadline + GRACE);
            eprintln!("underpin: did not end in time and ends now");
            std::process::exit(1);
        });
        let late = self.tasks.stop(deadline).await;
        tracing::info!(late = late.join(","), "ended");
        Ok(())
    }

    async fn word_to_end(&mut self) -> Word {
        let Some(leash) = &self.leash else {
            self.signals.next().await;
            return Word::Signal;
        };
        tokio::select! {
            () = self.signals.next() => Word::Signal,
            _ = leash.broken() => Word::LetGo,
        }
    }
}
