//! A pool of connections, and how long its callers wait for them.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use deadpool_postgres::{Manager, ManagerConfig, Object, RecyclingMethod, Runtime};
use underpin_base::{Histogram, Secret};

use crate::{Error, Result, Settings, tls::connector, watch};

/// Connections of one role.
pub(crate) struct Pool {
    connections: deadpool_postgres::Pool,
    name: &'static str,
    slow_statement: Duration,
    waits: Mutex<Histogram>,
    refused: AtomicU64,
    busiest: AtomicUsize,
}

/// How a pool stands.
#[derive(Debug, Clone, Copy)]
pub struct PoolFigures {
    /// The role whose connections it has.
    pub name: &'static str,
    /// Connections there may be.
    pub max: usize,
    /// Connections there are.
    pub size: usize,
    /// Those that somebody has.
    pub in_use: usize,
    /// Those that wait for somebody.
    pub idle: usize,
    /// Callers that wait for one.
    pub waiters: usize,
    /// How long callers waited, those that got none among them.
    pub waits: Histogram,
    /// Callers that got none.
    pub refused: u64,
    /// Most connections that were in use at the same time, since the process began or [`Db::forget_busiest`](crate::Db::forget_busiest).
    pub busiest: usize,
}

impl PoolFigures {
    /// Whether so many connections are four fifths of those there may be: a warning, before callers are refused.
    pub const fn is_nearly_all(&self, connections: usize) -> bool {
        connections * 5 >= self.max * 4
    }
}

impl Pool {
    /// Make a pool; no connection is opened yet.
    pub(crate) fn open(
        name: &'static str,
        settings: &Settings,
        url: &Secret<String>,
        size: usize,
    ) -> Result<Self> {
        let mut config = settings.connect_config(url)?;
        let tls = connector(&mut config)?;
        // Fast: a connection comes back only after commit or rollback was answered (see `Tx`), so there is nothing to clean.
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config, tls, recycling);
        let connections = deadpool_postgres::Pool::builder(manager)
            .max_size(size)
            .wait_timeout(Some(settings.acquire_timeout))
            .create_timeout(Some(settings.acquire_timeout))
            .recycle_timeout(Some(settings.acquire_timeout))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| Error::Settings(error.to_string()))?;
        Ok(Self {
            connections,
            name,
            slow_statement: settings.slow_statement,
            waits: Mutex::default(),
            refused: AtomicU64::new(0),
            busiest: AtomicUsize::new(0),
        })
    }

    /// A connection, once there is one.
    pub(crate) async fn get(&self) -> Result<Object> {
        let started = Instant::now();
        let connection = self.connections.get().await;
        let waited = started.elapsed();
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).record(waited);
        watch::waited(waited);
        match connection {
            Ok(connection) => {
                self.busiest.fetch_max(self.in_use(), Ordering::Relaxed);
                Ok(connection)
            }
            Err(error) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                Err(error.into())
            }
        }
    }

    /// Statements that take longer are recorded.
    pub(crate) const fn slow_statement(&self) -> Duration {
        self.slow_statement
    }

    pub(crate) fn figures(&self) -> PoolFigures {
        let status = self.connections.status();
        PoolFigures {
            name: self.name,
            max: status.max_size,
            size: status.size,
            in_use: status.size.saturating_sub(status.available),
            idle: status.available,
            waiters: status.waiting,
            waits: *self.waits.lock().unwrap_or_else(PoisonError::into_inner),
            refused: self.refused.load(Ordering::Relaxed),
            busiest: self.busiest.load(Ordering::Relaxed),
        }
    }

    /// Begin the most that were in use anew.
    pub(crate) fn forget_busiest(&self) {
        self.busiest.store(self.in_use(), Ordering::Relaxed);
    }

    fn in_use(&self) -> usize {
        let status = self.connections.status();
        status.size.saturating_sub(status.available)
    }

    pub(crate) fn close(&self) {
        self.connections.close();
    }
}
