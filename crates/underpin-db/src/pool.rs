//! A bounded set of connections that says how it is used.

mod times;

use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Metrics, Object, PoolError, QueueMode,
    RecyclingMethod, Runtime, TimeoutType,
};
use tokio_util::sync::CancellationToken;
use underpin_base::Secret;

use crate::{Class, Error, Result, Settings, tls::connector, watch};

pub use times::Times;

/// Longest pause between two looks at what is idle.
const TEND_EVERY_MAX: Duration = Duration::from_secs(10);

/// The connections of one role.
#[derive(Debug)]
pub(crate) struct Pool {
    name: &'static str,
    inner: deadpool_postgres::Pool,
    limits: Limits,
    waits: times::Histogram,
    holds: Arc<times::Histogram>,
    exhausted: AtomicU64,
    busiest: AtomicUsize,
}

/// What a pool keeps to.
#[derive(Debug, Clone, Copy)]
struct Limits {
    connections_min: usize,
    idle_max: Duration,
    lifetime_max: Duration,
    /// What a connection is set to when it is opened.
    class: Class,
}

/// How a pool is used at this moment, and was used so far.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolFigures {
    /// The role.
    pub name: &'static str,
    /// Connections that there may be.
    pub max: usize,
    /// Connections that there are.
    pub size: usize,
    /// Those that work.
    pub in_use: usize,
    /// Those that wait for work.
    pub idle: usize,
    /// Work that waits for a connection.
    pub waiters: usize,
    /// How often work was sent away because none came free in time.
    pub exhausted: u64,
    /// How long work waited.
    pub waits: Times,
    /// How long work held its connection.
    pub holds: Times,
    /// Most connections that worked at the same time, since the process began or [`Db::forget_busiest`](crate::Db::forget_busiest).
    pub busiest: usize,
}

/// A connection while work has it; dropped, it goes back to the pool.
#[derive(Debug)]
pub(crate) struct Held {
    /// None only while it is dropped.
    object: Option<Object>,
    since: Instant,
    holds: Arc<times::Histogram>,
}

impl Held {
    /// Take it out of the pool and close it: the server rolls back whatever it was at.
    pub(crate) fn close(mut self) {
        if let Some(object) = self.object.take() {
            drop(Object::take(object));
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.holds.note(self.since.elapsed());
    }
}

impl Deref for Held {
    type Target = Object;

    fn deref(&self) -> &Object {
        self.object.as_ref().expect("only a drop takes it")
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut Object {
        self.object.as_mut().expect("only a drop takes it")
    }
}

impl PoolFigures {
    /// Whether so many connections are four fifths of those there may be: a warning, before work is sent away.
    pub const fn is_nearly_all(&self, connections: usize) -> bool {
        connections * 5 >= self.max * 4
    }
}

impl Pool {
    /// The pool of requests and of what jobs do for their tenants.
    pub(crate) fn app(settings: &Settings) -> Result<Self> {
        let connections_min = settings.app_connections_min;
        let (max, class) = (settings.app_connections_max, Class::Web);
        Self::new(settings, &settings.app_url, ("app", max), connections_min, class)
    }

    /// The pool of the platform's own work.
    pub(crate) fn system(settings: &Settings) -> Result<Self> {
        let max = settings.system_connections_max;
        Self::new(settings, &settings.system_url, ("system", max), 1, Class::Report)
    }

    fn new(
        settings: &Settings,
        url: &Secret<String>,
        (name, max): (&'static str, usize),
        connections_min: usize,
        class: Class,
    ) -> Result<Self> {
        let mut config = settings.connect_config(url, class)?;
        let tls = connector(&mut config)?;
        // Fast: a connection comes back only after commit or rollback was answered (see `Tx`), so there is nothing to clean.
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let lifetime_max = settings.lifetime_max;
        let aged = Hook::sync_fn(move |_, metrics: &Metrics| {
            let young = metrics.age() <= lifetime_max;
            if young { Ok(()) } else { Err(HookError::message("past its lifetime")) }
        });
        let inner = deadpool_postgres::Pool::builder(Manager::from_config(config, tls, recycling))
            .max_size(max)
            .wait_timeout(Some(settings.acquire_timeout))
            .create_timeout(Some(settings.connect_timeout))
            .recycle_timeout(Some(settings.acquire_timeout))
            // The last one back is the next one out, so that what is not needed becomes idle.
            .queue_mode(QueueMode::Lifo)
            .pre_recycle(aged)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| Error::Settings(error.to_string()))?;
        let idle_max = settings.idle_max;
        let limits = Limits { connections_min, idle_max, lifetime_max, class };
        let (waits, holds) = (times::Histogram::default(), Arc::default());
        let (exhausted, busiest) = (AtomicU64::new(0), AtomicUsize::new(0));
        Ok(Self { name, inner, limits, waits, holds, exhausted, busiest })
    }

    /// A connection, as soon as one is free.
    ///
    /// Errors: [`Error::Exhausted`] past the longest wait for one; [`Error::Unavailable`] if none can be opened.
    pub(crate) async fn get(&self) -> Result<Held> {
        let asked = Instant::now();
        let got = self.inner.get().await;
        let waited = asked.elapsed();
        self.waits.note(waited);
        watch::waited(waited);
        self.busiest.fetch_max(self.in_use(), Ordering::Relaxed);
        let object = got.map_err(|error| match error {
            PoolError::Timeout(TimeoutType::Wait) => {
                self.exhausted.fetch_add(1, Ordering::Relaxed);
                Error::Exhausted
            }
            other => Error::Unavailable(Box::new(other)),
        })?;
        Ok(Held { object: Some(object), since: Instant::now(), holds: Arc::clone(&self.holds) })
    }

    /// What its connections are set to when they are opened.
    pub(crate) const fn class(&self) -> Class {
        self.limits.class
    }

    /// Begin the most that worked at the same time anew.
    pub(crate) fn forget_busiest(&self) {
        self.busiest.store(self.in_use(), Ordering::Relaxed);
    }

    fn in_use(&self) -> usize {
        let status = self.inner.status();
        status.size.saturating_sub(status.available)
    }

    pub(crate) fn figures(&self) -> PoolFigures {
        let status = self.inner.status();
        let idle = status.available.min(status.size);
        PoolFigures {
            name: self.name,
            max: status.max_size,
            size: status.size,
            in_use: status.size - idle,
            idle,
            waiters: status.waiting,
            exhausted: self.exhausted.load(Ordering::Relaxed),
            waits: self.waits.figures(),
            holds: self.holds.figures(),
            busiest: self.busiest.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn close(&self) {
        self.inner.close();
    }

    /// Close what is idle or old for too long, and keep the least number open, until `stop`.
    pub(crate) async fn tend(&self, stop: CancellationToken) {
        let pause = (self.limits.idle_max / 3).min(TEND_EVERY_MAX);
        loop {
            self.close_idle();
            self.warm().await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    fn close_idle(&self) {
        let Limits { connections_min, idle_max, lifetime_max, .. } = self.limits;
        let mut left = self.inner.status().size;
        let closed = self.inner.retain(|_, metrics| {
            let idle = metrics.last_used() > idle_max && left > connections_min;
            let kept = !idle && metrics.age() <= lifetime_max;
            left -= usize::from(!kept);
            kept
        });
        if !closed.removed.is_empty() {
            tracing::debug!(pool = self.name, closed = closed.removed.len(), "idle connections");
        }
    }

    /// Open connections until there are as many as there should be at least.
    async fn warm(&self) {
        let mut held = Vec::new();
        while self.inner.status().size < self.limits.connections_min {
            match self.inner.get().await {
                Ok(connection) => held.push(connection),
                // Requests say so louder, and the next look tries again.
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    return tracing::debug!(pool = self.name, error, "no connection to keep");
                }
            }
        }
    }
}
