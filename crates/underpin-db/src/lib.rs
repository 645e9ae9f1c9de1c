#![doc = include_str!("../README.md")]

mod bootstrap;
mod budget;
mod class;
pub mod cluster;
mod db;
mod error;
mod export;
mod migrate;
mod plan;
mod pool;
mod scope;
mod settings;
mod statement;
mod tls;
mod tx;
mod wake;
pub mod watch;

pub use tokio_postgres::{
    Client, Row,
    types::{ToSql, Type},
};

pub use bootstrap::{Passwords, Urls, bootstrap, database_exists, drop_database};
pub use budget::{Budget, DEDICATED};
pub use class::{Class, StatementTimeouts};
pub use db::{AsDbError, Db, Within, Work};
pub use error::{Error, Result, on_constraint};
pub use export::{ExportedTable, export_tenant};
pub use migrate::{
    Applied, COMPONENT, Component, Migration, PendingMigration, Unsafe, lint, migrate, pending,
};
pub use plan::Planner;
pub use pool::{PoolFigures, Times};
pub use scope::{Purpose, Scope};
pub use settings::Settings;
pub use statement::Statement;
pub use tx::Tx;
pub use wake::{Listener, Wake, Wakes};

/// The crate's own statements, for the test that prepares every statement.
pub fn statements() -> Vec<&'static Statement> {
    [migrate::ALL, budget::ALL].concat()
}
