//! The connections of all processes together, and whether the server has as many.
//!
//! A process says what it may open by a shared advisory lock whose number is that count, held on a connection of its own as long as it
//! lives. The server drops the lock with the connection, so the sum is of the processes that there are: nothing that was declared can
//! grow old, and nobody has to say how large the fleet is.

mod store;

use std::fmt;

use tokio_postgres::{Client, Row, types::Type};

use crate::{Db, Error, Purpose, Result, Scope, Settings, Statement, settings::Link};

pub(crate) use store::ALL;
use store::{ANNOUNCE, BUDGET, CLOSE_GATE, OPEN_GATE};

/// Connections that a process may open beside its pools: hints, the sequencer's lock, a worker's lease, its announcement.
pub const DEDICATED: u32 = 4;

/// The connections of all processes together, and what the server has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// What the server takes from anybody.
    pub max_connections: u32,
    /// What of that it keeps for its administrators.
    pub superuser_reserved: u32,
    /// What is left free for migrations, backups, people, and other databases of the server.
    pub reserve: u32,
    /// What each process that lives may open.
    pub announced: Vec<u32>,
    /// What this process may open: as app, as system, beside its pools.
    pub own: [u32; 3],
}

impl Budget {
    /// What this process may open.
    pub fn demand(&self) -> u32 {
        self.own.iter().sum()
    }

    /// What all of them, and this process, may open, with the reserve.
    pub fn sum(&self) -> u32 {
        let announced = self.announced.iter().fold(0, |sum: u32, one| sum.saturating_add(*one));
        announced.saturating_add(self.demand()).saturating_add(self.reserve)
    }

    /// What they may open at most.
    pub const fn limit(&self) -> u32 {
        self.max_connections.saturating_sub(self.superuser_reserved)
    }

    /// Whether the server has as many.
    pub fn fits(&self) -> bool {
        self.sum() <= self.limit()
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [app, system, dedicated] = self.own;
        let others: u64 = self.announced.iter().map(|one| u64::from(*one)).sum();
        write!(
            f,
            "this process {} ({app} app + {system} system + {dedicated} of its own) + {} others {others} + reserve {} = {} of {} \
             (max_connections {} - {} reserved for administrators)",
            self.demand(),
            self.announced.len(),
            self.reserve,
            self.sum(),
            self.limit(),
            self.max_connections,
            self.superuser_reserved,
        )
    }
}

impl Settings {
    /// What a process with these settings may open: as app, as system, beside its pools.
    pub fn demand(&self) -> [u32; 3] {
        let count = |size: usize| u32::try_from(size).unwrap_or(u32::MAX / 8);
        [count(self.app_connections_max), count(self.system_connections_max), DEDICATED]
    }

    fn budget(&self, row: &Row) -> Budget {
        let count = |column: usize| row.get::<_, i32>(column).cast_unsigned();
        let announced: Vec<i64> = row.get(2);
        Budget {
            max_connections: count(0),
            superuser_reserved: count(1),
            reserve: self.connections_reserve,
            announced: announced.into_iter().map(|n| u32::try_from(n).unwrap_or(0)).collect(),
            own: self.demand(),
        }
    }
}

/// The announcement of a process; it holds as long as this lives.
pub(crate) struct Seat {
    _client: Client,
    link: tokio::task::JoinHandle<()>,
}

impl Seat {
    /// Wait until the announcement is lost.
    pub(crate) async fn lost(&mut self) {
        // A task that panicked ended too.
        let _ = (&mut self.link).await;
    }
}

/// Announce a process; where `strict`, refuse one that does not fit.
pub(crate) async fn announce(settings: &Settings, strict: bool) -> Result<(Seat, Budget)> {
    let (client, link) = settings.connect(&settings.system_url).await?;
    let link = tokio::spawn(poll(link));
    let ask = async |statement: &'static Statement,
                     params: &[(&(dyn tokio_postgres::types::ToSql + Sync), Type)]| {
        let rows = client.query_typed(statement.sql, params).await;
        rows.map_err(|error| Error::from_postgres(statement.name, error))
    };
    // One at a time: two that fit alone and not together must see each other.
    ask(&CLOSE_GATE, &[]).await?;
    let rows = ask(&BUDGET, &[]).await?;
    let budget = settings.budget(rows.first().ok_or(Error::NotFound(BUDGET.name))?);
    if strict && !budget.fits() {
        // The gate opens with the connection's end.
        return Err(Error::Crowded(Box::new(budget)));
    }
    ask(&ANNOUNCE, &[(&budget.demand().cast_signed(), Type::INT4)]).await?;
    ask(&OPEN_GATE, &[]).await?;
    Ok((Seat { _client: client, link }, budget))
}

async fn poll(link: Link) {
    if let Err(error) = link.await {
        tracing::debug!(error = &error as &dyn std::error::Error, "the announcement's link ended");
    }
}

/// What a process with these settings would find; nothing is announced.
pub(crate) async fn look(db: &Db, settings: &Settings) -> Result<Budget> {
    let row = db.query_one(Scope::System(Purpose::Operate), &BUDGET, &[]).await?;
    Ok(settings.budget(&row))
}
