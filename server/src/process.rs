//! The life of a long-running process: started, told to end, drained, ended by a deadline.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::time::timeout;
use underpin_runtime::{Health, Logs, Service, Settings, Tasks, Telemetry, Tracer, telemetry};

use crate::{
    Build,
    handover::{self, Leash},
    signals::Signals,
};

/// What every limit of the end has more than the one inside it.
const GRACE: Duration = Duration::from_secs(1);
/// How long the last spans may take to a collector.
const EXPORT_MAX: Duration = Duration::from_secs(1);
/// How long the last lines may take into the log.
const FLUSH_MAX: Duration = Duration::from_secs(1);

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
    pub(crate) telemetry: Telemetry,
    /// Stopped after all others: they have spans until they end.
    exporting: Tasks,
    signals: Signals,
    leash: Option<Leash>,
    /// Dropped last: until then somebody may log.
    _last_lines: LastLines,
}

/// Waits a moment for the last lines of the log, however the process ends.
struct LastLines(Logs);

impl Drop for LastLines {
    fn drop(&mut self) {
        self.0.flush(FLUSH_MAX);
    }
}

impl Process {
    /// Read the settings, start the log, listen to signals, and take the leash with `sockets` if there is one.
    pub(crate) fn start(
        build: Build,
        config: Option<PathBuf>,
        leash: Option<usize>,
    ) -> anyhow::Result<(Self, Vec<std::net::TcpListener>)> {
        let settings = build.load_settings(config)?;
        let logs = telemetry::init(&settings.log)?;
        let last_lines = LastLines(logs.clone());
        let exporting = Tasks::new();
        let telemetry = Telemetry { logs, tracer: tracer(build, &settings, &exporting)? };
        let signals = Signals::listen()?;
        let (leash, sockets) = match leash.map(handover::take).transpose() {
            Ok(Some((leash, sockets))) => (Some(leash), sockets),
            Ok(None) => (None, Vec::new()),
            Err(error) => return Err(error).context("standard input is no leash of a supervisor"),
        };
        let process = Self {
            settings,
            tasks: Tasks::new(),
            telemetry,
            exporting,
            signals,
            leash,
            _last_lines: last_lines,
        };
        Ok((process, sockets))
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
        let logs = self.telemetry.logs.clone();
        std::thread::spawn(move || {
            std::thread::sleep(deadline + EXPORT_MAX + FLUSH_MAX + GRACE);
            tracing::error!("did not end in time and ends now");
            logs.flush(FLUSH_MAX);
            std::process::exit(1);
        });
        let late = self.tasks.stop(deadline).await;
        self.exporting.stop(EXPORT_MAX).await;
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

/// What keeps the traces of this process, and sends them if it is set to.
fn tracer(build: Build, settings: &Settings, exporting: &Tasks) -> anyhow::Result<Tracer> {
    let service = Service {
        name: settings.deployment.name.clone(),
        version: build.version.to_owned(),
        environment: settings.deployment.environment.as_str().to_owned(),
    };
    let (tracer, exporter) = Tracer::new(&settings.traces, service)?;
    if let Some(exporter) = exporter.map(Arc::new) {
        exporting.spawn("traces", move |stop| {
            let exporter = Arc::clone(&exporter);
            async move { exporter.run(stop).await }
        });
    }
    Ok(tracer)
}
