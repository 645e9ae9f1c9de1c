//! Logs of a process: lines to stderr and to a file, as text or JSON, filtered; panics among them.
//!
//! Nobody waits for a line: it lies in memory until a thread of its own has written it. Where that thread cannot go on (a full disk, a dead
//! pipe, a reader that stands still) lines are dropped and counted.

mod file;
mod lines;
mod queue;

use std::{
    backtrace::Backtrace,
    cell::RefCell,
    io::{IsTerminal as _, Write},
    time::{Duration, Instant},
};

use tracing_subscriber::{
    EnvFilter, Layer, Registry, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{Error, LogFormat, Result, Tracer, lifecycle::literal, settings::Log};

use file::LogFile;
use queue::Queue;

pub use lines::Lines;

/// What a process tells of itself. Cheap to clone; the default one tells nobody.
#[derive(Debug, Clone, Default)]
pub struct Telemetry {
    /// Lines.
    pub logs: Logs,
    /// Traces.
    pub tracer: Tracer,
}

/// The lines of a process that are on their way. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Logs(Vec<Queue>);

impl Logs {
    /// Lines that were dropped so far, by where they should have gone.
    pub fn dropped(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|queue| (queue.name(), queue.dropped()))
    }

    /// Wait until what was logged is written, no longer than `most`.
    pub fn flush(&self, most: Duration) {
        let deadline = Instant::now() + most;
        for queue in &self.0 {
            queue.flush(deadline);
        }
    }
}

/// Start the log of this process and log its panics.
///
/// Effects: a global subscriber, a panic hook, a thread for each place that lines go to.
/// Errors: [`Error::Filter`]; [`Error::LogFile`]; [`Error::StartedTwice`].
pub fn init(log: &Log) -> Result<Logs> {
    let filter =
        EnvFilter::try_new(&log.filter).map_err(|error| Error::Filter(error.to_string()))?;
    // Colours would stand in the file too: both write the fields of a span as the first of them has formatted them.
    let colours = log.file.is_none() && std::io::stderr().is_terminal();
    let mut logs = Logs(vec![started("stderr", std::io::stderr())?]);
    if let Some(path) = &log.file {
        let file = LogFile::open(path.clone(), log.file_bytes_max, log.files_max);
        let file = file.map_err(|source| Error::LogFile { path: path.clone(), source })?;
        logs.0.push(started("file", file)?);
    }
    let layers: Vec<_> = logs.0.iter().map(|queue| layer(log.format, colours, queue)).collect();
    let registry = tracing_subscriber::registry().with(layers).with(filter);
    registry.try_init().map_err(|_| Error::StartedTwice)?;
    log_panics();
    Ok(logs)
}

fn started(name: &'static str, target: impl Write + Send + 'static) -> Result<Queue> {
    Queue::start(name, target).map_err(Error::LogThread)
}

fn layer(
    format: LogFormat,
    colours: bool,
    queue: &Queue,
) -> Box<dyn Layer<Registry> + Send + Sync> {
    match format {
        LogFormat::Json => Lines::to(queue.clone()).boxed(),
        LogFormat::Text => fmt::layer().with_writer(queue.clone()).with_ansi(colours).boxed(),
    }
}

thread_local! {
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Log the panics of this process. Effects: a panic hook.
pub fn log_panics() {
    std::panic::set_hook(Box::new(log_panic));
}

/// Where the last panic of this thread happened, for the one who has just caught it; each is told once.
pub fn take_panic() -> Option<String> {
    LAST_PANIC.take()
}

/// Log where a panic happened, and its message only if that is a literal of the source.
///
/// A formatted message (`unwrap` on an error, `assert_eq!` on two rows) can carry secrets and personal data; the place
/// and the backtrace (`RUST_BACKTRACE=1`) find the cause without them.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let message = literal(panic.payload())
        .unwrap_or("(the message is withheld: it was formatted at run time)");
    let backtrace = Backtrace::capture();
    let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
    LAST_PANIC.set(Some(place.clone()));
    tracing::error!(place, thread, %backtrace, "panic: {message}");
}
