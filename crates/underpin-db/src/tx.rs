//! One transaction: the only way to write.

use std::{panic::Location, time::Duration};

use futures_util::future;
use tokio_postgres::{Row, types::ToSql};
use underpin_base::{Principal, System};

use crate::{
    Error, Result, Scope, Statement, StatementTimeouts, Wake,
    pool::{Held, Pool},
    wake::WakeSet,
    watch::{self, Timer},
};

/// Longest wait for the answer to a `ROLLBACK`; past it the connection is closed instead.
const ROLLBACK_TIMEOUT: Duration = Duration::from_secs(1);

/// One transaction on a connection of its own, opened for a [`Scope`].
///
/// Its first statement travels in one round trip with `BEGIN` and the scope's settings. Dropped unfinished, it closes its connection, so
/// that the server rolls back and the pool never sees it again.
#[derive(Debug)]
pub struct Tx {
    /// None only after commit or rollback.
    client: Option<Held>,
    scope: Scope,
    /// Longest run of one statement, where it is not that of the connection.
    timeout: Option<Duration>,
    phase: Phase,
    wakes: WakeSet,
    /// Statements that take longer are recorded.
    slow: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// `BEGIN` was not sent yet.
    Fresh,
    Open,
    /// A statement failed: nothing can be committed.
    Failed,
}

/// What is wanted of a statement.
#[derive(Debug, Clone, Copy)]
enum Ask {
    Rows,
    Count,
}

/// Where connections come from, and how long their statements may take.
#[derive(Clone, Copy)]
pub(crate) struct Source<'p> {
    pub(crate) pool: &'p Pool,
    pub(crate) timeouts: &'p StatementTimeouts,
    /// Statements that take longer are recorded.
    pub(crate) slow: Duration,
}

impl Source<'_> {
    /// What the transaction must say, if the present work has another time than the connection.
    fn timeout(self) -> Option<Duration> {
        self.timeouts.to_set(self.pool.class())
    }
}

/// Parameters of a statement.
pub(crate) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Tx {
    pub(crate) async fn begin(source: Source<'_>, scope: Scope) -> Result<Self> {
        watch::note_scope(&scope);
        let client = Some(acquire(source.pool).await?);
        let (timeout, slow) = (source.timeout(), source.slow);
        let (phase, wakes) = (Phase::Fresh, WakeSet::default());
        Ok(Self { client, scope, timeout, phase, wakes, slow })
    }

    /// The scope the transaction was opened for.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The principal of a scope of a tenant's member.
    ///
    /// Errors: [`Error::WrongScope`] in any other scope.
    pub const fn principal(&self) -> Result<Principal> {
        match self.scope.principal() {
            Some(principal) => Ok(principal),
            None => Err(Error::WrongScope),
        }
    }

    /// Ask for a hint to be sent after the commit; nothing is sent if the transaction rolls back.
    pub const fn wake(&mut self, wake: Wake) {
        self.wakes.insert(wake);
    }

    /// All rows of a statement.
    #[track_caller]
    pub fn query<'t>(
        &'t mut self,
        statement: &'static Statement,
        params: Params<'t>,
    ) -> impl Future<Output = Result<Vec<Row>>> + Send + 't {
        let site = Location::caller();
        async move { Ok(self.run(statement, params, Ask::Rows, site).await?.0) }
    }

    /// The one row of a statement; more than one is a fault of ours.
    ///
    /// Errors: [`Error::NotFound`] if there is none.
    #[track_caller]
    pub fn query_one<'t>(
        &'t mut self,
        statement: &'static Statement,
        params: Params<'t>,
    ) -> impl Future<Output = Result<Row>> + Send + 't {
        let site = Location::caller();
        async move {
            self.run(statement, params, Ask::Rows, site)
                .await?
                .0
                .pop()
                .ok_or(Error::NotFound(statement.name))
        }
    }

    /// The row of a statement, if there is one.
    #[track_caller]
    pub fn query_opt<'t>(
        &'t mut self,
        statement: &'static Statement,
        params: Params<'t>,
    ) -> impl Future<Output = Result<Option<Row>>> + Send + 't {
        let site = Location::caller();
        async move { Ok(self.run(statement, params, Ask::Rows, site).await?.0.pop()) }
    }

    /// The number of rows that a statement wrote.
    #[track_caller]
    pub fn execute<'t>(
        &'t mut self,
        statement: &'static Statement,
        params: Params<'t>,
    ) -> impl Future<Output = Result<u64>> + Send + 't {
        let site = Location::caller();
        async move { Ok(self.run(statement, params, Ask::Count, site).await?.1) }
    }

    /// As [`Tx::execute`], on behalf of a caller elsewhere.
    pub(crate) async fn execute_from(
        &mut self,
        statement: &'static Statement,
        params: Params<'_>,
        site: &'static Location<'static>,
    ) -> Result<u64> {
        Ok(self.run(statement, params, Ask::Count, site).await?.1)
    }

    async fn run(
        &mut self,
        statement: &'static Statement,
        params: Params<'_>,
        ask: Ask,
        site: &'static Location<'static>,
    ) -> Result<(Vec<Row>, u64)> {
        let client = self.client.as_ref().ok_or(Error::Aborted)?;
        if self.phase == Phase::Failed {
            return Err(Error::Aborted);
        }
        let timer = Timer::start(statement, site, self.slow);
        let fresh = self.phase == Phase::Fresh;
        // Until the answer is here the transaction counts as failed: a cancelled caller must not commit.
        self.phase = Phase::Failed;
        let answer = async {
            let prepared = client.prepare_typed_cached(statement.sql, statement.params).await?;
            let asked = async {
                match ask {
                    Ask::Rows => client.query(&prepared, params).await.map(|rows| (rows, 0)),
                    Ask::Count => client.execute(&prepared, params).await.map(|n| (Vec::new(), n)),
                }
            };
            if !fresh {
                return asked.await;
            }
            let begin = self.scope.begin(watch::trace(), self.timeout);
            let (opened, answer) = future::join(client.batch_execute(&begin), asked).await;
            opened.and(answer)
        };
        let answer = answer.await.map_err(|error| Error::from_postgres(statement.name, error))?;
        self.phase = Phase::Open;
        timer.stop(params, answer.1.max(answer.0.len() as u64));
        Ok(answer)
    }

    /// Commit; returns the hints to send.
    pub(crate) async fn commit(mut self) -> Result<WakeSet> {
        match self.phase {
            Phase::Failed => return Err(Error::Aborted),
            Phase::Fresh => {
                self.client = None;
                return Ok(self.wakes);
            }
            Phase::Open => {}
        }
        let client = self.client.as_ref().ok_or(Error::Aborted)?;
        self.phase = Phase::Failed;
        watch::step(System::Database, "commit", client.batch_execute("commit"))
            .await
            .map_err(|error| Error::from_postgres("commit", error))?;
        self.client = None;
        Ok(self.wakes)
    }

    /// Roll back; a server that does not answer in time loses the connection instead.
    pub(crate) async fn rollback(mut self) {
        if self.phase == Phase::Fresh {
            self.client = None;
            return;
        }
        if let Some(client) = self.client.as_ref()
            && let Ok(Ok(())) =
                tokio::time::timeout(ROLLBACK_TIMEOUT, client.batch_execute("rollback")).await
        {
            self.client = None;
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let Some(client) = self.client.take()
            && self.phase != Phase::Fresh
        {
            // Out of the pool and closed: the server rolls back.
            client.close();
        }
    }
}

/// A connection of the pool; waiting for it is a step of its own.
async fn acquire(pool: &Pool) -> Result<Held> {
    watch::step(System::Database, "acquire", pool.get()).await
}

/// A single statement as a whole transaction, in one round trip.
pub(crate) async fn query_at_once(
    source: Source<'_>,
    scope: &Scope,
    statement: &'static Statement,
    params: Params<'_>,
    site: &'static Location<'static>,
) -> Result<Vec<Row>> {
    watch::note_scope(scope);
    let client = InFlight(Some(acquire(source.pool).await?));
    let timer = Timer::start(statement, site, source.slow);
    let rows = async {
        let client = client.0.as_ref().expect("taken only on drop or finish");
        let prepared = client.prepare_typed_cached(statement.sql, statement.params).await?;
        let begin = scope.begin(watch::trace(), source.timeout());
        let (opened, rows, committed) = future::join3(
            client.batch_execute(&begin),
            client.query(&prepared, params),
            client.batch_execute("commit"),
        )
        .await;
        opened?;
        let rows = rows?;
        committed?;
        Ok(rows)
    };
    let rows = rows.await.map_err(|error| Error::from_postgres(statement.name, error));
    client.finish();
    let rows = rows?;
    timer.stop(params, rows.len() as u64);
    Ok(rows)
}

/// A connection whose answers are still on the way: dropped before they are here, it is closed.
struct InFlight(Option<Held>);

impl InFlight {
    /// Give the connection back: all answers were read, and `COMMIT` ended the transaction either way.
    fn finish(mut self) {
        self.0 = None;
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            client.close();
        }
    }
}
