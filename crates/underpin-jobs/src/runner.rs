//! The worker of a process: claims, runs, reports, and keeps its lease.

mod attempt;
mod heartbeat;
mod life;
mod turn;
mod upkeep;

use std::{sync::Arc, time::Duration};

use underpin_db::Db;
use underpin_runtime::{CancellationToken, FailureGroups, Tracer};

use crate::Registry;

/// Pause before a life is followed by the next.
const REBIRTH: Duration = Duration::from_millis(200);

/// How a worker works.
#[derive(Debug, Clone)]
pub struct RunnerSettings {
    /// Jobs at once, at least 1.
    pub slots: usize,
    /// How long its jobs stay its own without a heartbeat. It renews every eighth of it and stops by itself after five eighths.
    pub lease: Duration,
    /// Longest wait for handlers after `stop`; what still runs then is cut off and given back.
    pub drain: Duration,
    /// Crashes of workers after which a job is a dead letter.
    pub crashes_max: u32,
    /// The build's name, for the operator.
    pub build: String,
    /// Is told of every attempt.
    pub tracer: Tracer,
    /// Where panics and errors of handlers are counted.
    pub failures: FailureGroups,
}

impl Default for RunnerSettings {
    fn default() -> Self {
        Self {
            slots: 4,
            lease: Duration::from_secs(8),
            drain: Duration::from_secs(10),
            crashes_max: 3,
            build: env!("CARGO_PKG_VERSION").to_owned(),
            tracer: Tracer::default(),
            failures: FailureGroups::default(),
        }
    }
}

impl RunnerSettings {
    /// Pause between two heartbeats.
    const fn heartbeat(&self) -> Duration {
        Duration::from_millis(self.lease.as_millis() as u64 / 8)
    }

    /// After so long without a heartbeat, counted from before it was sent, the worker gives its jobs up by itself.
    const fn fence(&self) -> Duration {
        Duration::from_millis(self.lease.as_millis() as u64 * 5 / 8)
    }
}

/// The worker of a process. Cheap to clone; a service runs one.
#[derive(Debug, Clone)]
pub struct Runner {
    db: Db,
    registry: Arc<Registry>,
    settings: RunnerSettings,
}

impl Runner {
    /// A worker that knows what `registry` knows.
    pub fn new(db: Db, registry: Registry, settings: RunnerSettings) -> Self {
        Self { db, registry: Arc::new(registry), settings }
    }

    /// Work until `stop`, then give back what is not done.
    ///
    /// A worker that loses its lease cuts its handlers off and begins a new life under a new epoch.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match Box::pin(life::live(&self, &stop)).await {
                Ok(life::Ending::Stopped) => return,
                Ok(life::Ending::Fenced) => {
                    tracing::warn!("the worker lost its lease and begins anew");
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the worker begins anew"
                    );
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(REBIRTH) => {}
            }
        }
    }
}
