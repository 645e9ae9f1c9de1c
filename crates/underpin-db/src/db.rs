//! The two pools and the ways to use them.

use std::{marker::PhantomData, panic::Location, pin::Pin, sync::Arc, time::Duration};

use rand::RngExt as _;
use tokio_postgres::Row;

use crate::{
    Budget, Error, PoolFigures, Result, Scope, Settings, Statement, Tx, Wakes,
    budget::{self, Seat},
    pool::Pool,
    tx::{self, Params, Source},
    watch::{self, Findings},
};

/// Most runs of a closure that meets rivals.
const RUNS_MAX: u32 = 3;
/// Pause before the connections of this process are announced again.
const ANNOUNCE_AGAIN: Duration = Duration::from_secs(1);

/// The database: a pool as `app`, a small one as `system`. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    app: Pool,
    system: Pool,
    settings: Settings,
    wakes: Wakes,
    findings: Findings,
    seat: tokio::sync::Mutex<Option<Seat>>,
}

/// What a closure of [`Db::transact`] returns: its work, boxed.
pub type Work<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

/// Tells the compiler that what a closure borrows (`'a`) outlives the transaction (`'t`); callers write `_`.
pub type Within<'t, 'a> = PhantomData<&'t &'a ()>;

/// An error that may hold a database error, so that [`Db::transact`] can tell a rival from a fault.
pub trait AsDbError {
    /// The database error inside, if there is one.
    fn as_db(&self) -> Option<&Error>;
}

impl AsDbError for Error {
    fn as_db(&self) -> Option<&Error> {
        Some(self)
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Db {
    /// Make the pools; no connection is opened yet.
    ///
    /// Errors: [`Error::Settings`] if a URL cannot be read.
    pub fn new(settings: Settings) -> Result<Self> {
        let (app, system) = (Pool::app(&settings)?, Pool::system(&settings)?);
        Ok(Self(Arc::new(Inner {
            app,
            system,
            settings,
            wakes: Wakes::default(),
            findings: Findings::default(),
            seat: tokio::sync::Mutex::default(),
        })))
    }

    fn source(&self, scope: &Scope) -> Source<'_> {
        let pool = match scope {
            Scope::System(_) => &self.0.system,
            _ => &self.0.app,
        };
        let settings = &self.0.settings;
        Source { pool, timeouts: &settings.statement_timeouts, slow: settings.slow_statement }
    }

    /// Run `work` in one transaction for `scope` and commit; on an error roll back.
    ///
    /// Retry: the closure is run again, at most three times in all, when the server reports a deadlock or serialisation failure, so it
    /// must hold nothing but database work. Cost: one round trip per statement and one for the commit.
    ///
    /// ```ignore
    /// db.transact(principal, |tx, _| Box::pin(async move { ops::rename_fund(tx, id, name).await })).await?;
    /// ```
    pub async fn transact<'a, T, E, F>(&self, scope: impl Into<Scope>, mut work: F) -> Result<T, E>
    where
        F: for<'t> FnMut(&'t mut Tx, Within<'t, 'a>) -> Work<'t, T, E> + Send,
        E: From<Error> + AsDbError,
    {
        let scope = scope.into();
        let mut run = 1;
        loop {
            let mut tx = Tx::begin(self.source(&scope), scope.clone()).await?;
            let outcome = match work(&mut tx, PhantomData).await {
                Ok(value) => tx.commit().await.map(|wakes| (value, wakes)).map_err(E::from),
                Err(error) => {
                    tx.rollback().await;
                    Err(error)
                }
            };
            match outcome {
                Ok((value, wakes)) => {
                    self.0.wakes.hint_all(wakes);
                    return Ok(value);
                }
                Err(error) if run < RUNS_MAX && error.as_db().is_some_and(Error::is_conflict) => {
                    // The same again is on purpose here.
                    watch::settle();
                    tokio::time::sleep(jitter(run)).await;
                    run += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// All rows of a single statement, as a transaction of its own in one round trip.
    #[track_caller]
    pub fn query<'t>(
        &'t self,
        scope: impl Into<Scope>,
        statement: &'static Statement,
        params: Params<'t>,
    ) -> impl Future<Output = Result<Vec<Row>>> + Send + 't {
        let (scope, site) = (scope.into(), Location::caller());
        async move { tx::query_at_once(self.source(&scope), &scope, statement, params, site).await }
    }

    /// The row of a single statement, as [`Db::query`].
    ///
    /// Errors: [`Error::NotFound`] if there is none.
    #[track_caller]
    pub fn query_one<'t>(
        &'t self,
        scope: impl Into<Scope>,
        statement: &'static Statement,
        params: Params<'t>,
    ) -> impl Future<Output = Result<Row>> + Send + 't {
        let row = self.query_opt(scope, statement, params);
        async move { row.await?.ok_or(Error::NotFound(statement.name)) }
    }

    /// The row of a single statement if there is one, as [`Db::query`].
    #[track_caller]
    pub fn query_opt<'t>(
        &'t self,
        scope: impl Into<Scope>,
        statement: &'static Statement,
        params: Params<'t>,
    ) -> impl Future<Output = Result<Option<Row>>> + Send + 't {
        let rows = self.query(scope, statement, params);
        async move { Ok(rows.await?.pop()) }
    }

    /// The number of rows that a single statement wrote, as a transaction of its own.
    #[track_caller]
    pub fn execute<'t>(
        &'t self,
        scope: impl Into<Scope>,
        statement: &'static Statement,
        params: Params<'t>,
    ) -> impl Future<Output = Result<u64>> + Send + 't {
        let (scope, site) = (scope.into(), Location::caller());
        self.transact(scope, move |tx, _| Box::pin(tx.execute_from(statement, params, site)))
    }

    /// The hints between writers and the loops that follow them.
    pub fn wakes(&self) -> &Wakes {
        &self.0.wakes
    }

    /// The suspect patterns of statements that requests and jobs of this process have shown.
    pub fn findings(&self) -> &Findings {
        &self.0.findings
    }

    /// Carry hints between processes until `stop`; a service of every process. Without it polling still finds all work.
    pub async fn run_wakes(&self, stop: tokio_util::sync::CancellationToken) {
        crate::wake::run(&self.0.wakes, &self.0.settings, stop).await;
    }

    /// A connection of its own as role `system`, outside the pools, for a lock that must live as long as a loop.
    ///
    /// The caller polls the connection (spawn it) and closes it by dropping the client.
    pub async fn dedicated(&self) -> Result<tokio_postgres::Client> {
        self.connect(&self.0.settings.system_url).await
    }

    /// A connection of its own as the role of a scope.
    pub(crate) async fn dedicated_as(&self, scope: &Scope) -> Result<tokio_postgres::Client> {
        let Settings { app_url, system_url, .. } = &self.0.settings;
        self.connect(if matches!(scope, Scope::System(_)) { system_url } else { app_url }).await
    }

    async fn connect(&self, url: &underpin_base::Secret<String>) -> Result<tokio_postgres::Client> {
        let (client, connection) = self.0.settings.connect(url).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "dedicated connection ended"
                );
            }
        });
        Ok(client)
    }

    /// How both pools are used.
    pub fn pools(&self) -> [PoolFigures; 2] {
        [self.0.app.figures(), self.0.system.figures()]
    }

    /// Begin [`PoolFigures::busiest`] of both pools anew.
    pub fn forget_busiest(&self) {
        self.0.app.forget_busiest();
        self.0.system.forget_busiest();
    }

    /// Close connections that are idle or old for too long and keep the least number open until `stop`; a service of every process.
    pub async fn tend_pools(&self, stop: tokio_util::sync::CancellationToken) {
        futures_util::future::join(self.0.app.tend(stop.clone()), self.0.system.tend(stop)).await;
    }

    /// Say how many connections this process may open, and refuse if the server does not have as many for all processes.
    ///
    /// Keeps: of processes that start at the same time, those that are let in fit together.
    /// Errors: [`Error::Crowded`] with the arithmetic. Cost: one connection, until the process ends.
    pub async fn announce(&self) -> Result<Budget> {
        let (seat, budget) = budget::announce(&self.0.settings, true).await?;
        *self.0.seat.lock().await = Some(seat);
        Ok(budget)
    }

    /// Keep what [`Db::announce`] said until `stop`, over lost connections; a service of every process.
    pub async fn keep_announced(&self, stop: tokio_util::sync::CancellationToken) {
        let mut seat = self.0.seat.lock().await;
        loop {
            let lost = async {
                match seat.as_mut() {
                    Some(seat) => seat.lost().await,
                    None => tokio::time::sleep(ANNOUNCE_AGAIN).await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return *seat = None,
                () = lost => {}
            }
            // It was let in: what it holds is said as it is, even where others came meanwhile.
            *seat = match budget::announce(&self.0.settings, false).await {
                Ok((seat, _)) => Some(seat),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "the connections of this process are not announced");
                    None
                }
            };
        }
    }

    /// What a process with these settings would find if it began now.
    pub async fn budget(&self) -> Result<Budget> {
        budget::look(self, &self.0.settings).await
    }

    /// Close both pools; later work gets [`Error::Unavailable`].
    pub fn close(&self) {
        self.0.app.close();
        self.0.system.close();
    }
}

/// 5–15 ms before the second run, 10–30 ms before the third: rivals part ways.
fn jitter(run: u32) -> Duration {
    let base = 5 * u64::from(run);
    Duration::from_millis(base + rand::rng().random_range(0..=2 * base))
}
