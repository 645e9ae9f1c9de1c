//! Logs of a process: lines to stderr, as text or JSON, filtered; panics among them.

mod lines;

use std::{backtrace::Backtrace, cell::RefCell, io::IsTerminal as _};

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

pub use lines::Lines;

use crate::{Error, LogFormat, Result, lifecycle::literal, settings::Log};

/// Start the log of this process and log its panics.
///
/// Effects: a global subscriber and a panic hook. Errors: [`Error::Filter`]; [`Error::StartedTwice`].
pub fn init(log: &Log) -> Result<()> {
    let filter =
        EnvFilter::try_new(&log.filter).map_err(|error| Error::Filter(error.to_string()))?;
    let registry = tracing_subscriber::registry().with(filter);
    let started = match log.format {
        LogFormat::Json => registry.with(Lines::to(std::io::stderr)).try_init(),
        LogFormat::Text => {
            let colours = std::io::stderr().is_terminal();
            registry.with(fmt::layer().with_ansi(colours).with_writer(std::io::stderr)).try_init()
        }
    };
    started.map_err(|_| Error::StartedTwice)?;
    log_panics();
    Ok(())
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
