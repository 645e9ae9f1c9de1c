use std::{
    any::Any,
    borrow::Cow,
    collections::BTreeMap,
    fmt::Display,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt as _;
use tokio::{
    task::AbortHandle,
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

/// First pause before a service that ended is started again.
const BACKOFF_MIN: Duration = Duration::from_millis(100);
/// Longest such pause.
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// A service that ran this long is well again: its next pause is the first one.
const WELL_AFTER: Duration = Duration::from_secs(30);

/// How a service's future may end: `()` or a `Result` whose error can be shown.
pub trait Ending: Send {
    /// The failure, in one line, if it was one.
    fn failure(self) -> Option<String>;
}

impl Ending for () {
    fn failure(self) -> Option<String> {
        None
    }
}

impl<E: Display + Send> Ending for Result<(), E> {
    fn failure(self) -> Option<String> {
        self.err().map(|error| error.to_string())
    }
}

/// The services of a process: every background loop is spawned here and nowhere else.
///
/// Keeps: a service that panics, fails or ends before it was told to is logged and started again after a pause of
/// 100 ms to 5 s; after [`Tasks::stop`] no service of this set runs.
#[derive(Debug, Clone)]
pub struct Tasks {
    stop: CancellationToken,
    tracker: TaskTracker,
    running: Arc<Mutex<Running>>,
}

#[derive(Debug, Default)]
struct Running {
    next: u64,
    services: BTreeMap<u64, (Cow<'static, str>, AbortHandle)>,
}

impl Default for Tasks {
    fn default() -> Self {
        Self::new()
    }
}

impl Tasks {
    /// An empty set.
    pub fn new() -> Self {
        Self::under(&CancellationToken::new())
    }

    /// An empty set that stops when `parent` is cancelled, too.
    pub fn under(parent: &CancellationToken) -> Self {
        Self { stop: parent.child_token(), tracker: TaskTracker::new(), running: Arc::default() }
    }

    /// The token that every service of this set gets a child of.
    pub fn token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Start a service: `make` is called again whenever its future ends before `stop` is cancelled.
    pub fn spawn<F, T>(&self, name: impl Into<Cow<'static, str>>, make: F)
    where
        F: Fn(CancellationToken) -> T + Send + Sync + 'static,
        T: Future<Output: Ending> + Send + 'static,
    {
        let name = name.into();
        let span = tracing::info_span!("service", name = %name);
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let id = running.next;
        running.next += 1;
        let (stop, done, label) = (self.stop.clone(), Arc::clone(&self.running), name.clone());
        // The lock is held until the entry is in, so a service that ends at once cannot remove it too early.
        let handle = self.tracker.spawn(
            async move {
                keep_running(&label, &make, &stop).await;
                let mut running = done.lock().unwrap_or_else(PoisonError::into_inner);
                running.services.remove(&id);
            }
            .instrument(span),
        );
        running.services.insert(id, (name, handle.abort_handle()));
    }

    /// The names of the services that have not ended.
    pub fn names(&self) -> Vec<String> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.services.values().map(|(name, _)| name.to_string()).collect()
    }

    /// Tell every service to stop and wait for them; those that are not done by `deadline` are cut off.
    ///
    /// Returns the names of the ones that were cut off. Retry: safe, a second call finds nothing to stop.
    pub async fn stop(&self, deadline: Duration) -> Vec<String> {
        self.stop.cancel();
        self.tracker.close();
        if timeout(deadline, self.tracker.wait()).await.is_ok() {
            return Vec::new();
        }
        let late: Vec<_> = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut running.services).into_values().collect()
        };
        for (name, handle) in &late {
            tracing::warn!(service = %name, "did not stop in time and is cut off");
            handle.abort();
        }
        // An aborted task ends at its next await; a second, short wait lets the runtime drop it.
        let _ = timeout(BACKOFF_MIN, self.tracker.wait()).await;
        late.into_iter().map(|(name, _)| name.into_owned()).collect()
    }
}

/// Run a service until it was told to stop and did.
async fn keep_running<F, T>(name: &str, make: &F, stop: &CancellationToken)
where
    F: Fn(CancellationToken) -> T,
    T: Future<Output: Ending>,
{
    let mut backoff = BACKOFF_MIN;
    loop {
        let since = Instant::now();
        let end = AssertUnwindSafe(async { make(stop.child_token()).await }).catch_unwind().await;
        if stop.is_cancelled() {
            if let Ok(Some(failure)) = end.map(Ending::failure) {
                tracing::warn!(service = name, failure, "failed while it stopped");
            }
            return;
        }
        let reason = match end {
            Ok(end) => end.failure().unwrap_or_else(|| "ended by itself".to_owned()),
            Err(panic) => literal(&*panic).map_or("panicked".into(), |m| format!("panicked: {m}")),
        };
        if since.elapsed() >= WELL_AFTER {
            backoff = BACKOFF_MIN;
        }
        tracing::error!(service = name, reason, backoff_ms = backoff.as_millis(), "restarting");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(backoff) => {}
        }
        backoff = (backoff * 2).min(BACKOFF_MAX);
    }
}

/// The message of a panic if it is a literal of the source: only such a text cannot carry somebody's data.
pub(crate) fn literal(payload: &(dyn Any + Send)) -> Option<&'static str> {
    payload.downcast_ref::<&'static str>().copied()
}
