//! Migrations: forward only, once per database however many processes start them.

mod lint;
mod sentences;

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio_postgres::{Client, Error as PgError};

use crate::{Error, Result, settings::connect_plain, statements};
use lint::{is_concurrent, is_exempt};
use sentences::sentences;

pub use lint::{Unsafe, lint};

/// Longest wait for another process that is migrating.
const LOCK_WAIT: Duration = Duration::from_mins(2);
/// Pause between two tries to become the one that migrates.
const LOCK_POLL: Duration = Duration::from_millis(100);
/// Longest that a statement of a migration waits for a lock: whoever comes after it waits as long.
const ROW_LOCK_WAIT: &str = "5s";
/// The same for an index that is built beside readers and writers, who do not wait for it.
const CONCURRENT_LOCK_WAIT: &str = "60s";
/// Key of the advisory lock: "underpin" in ASCII.
const LOCK_KEY: i64 = 0x756e_6465_7270_696e;

/// One migration of a component: a file of SQL.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Number and name, for example `0001_init`; applied in this order.
    pub version: &'static str,
    /// SQL with the placeholders `{owner}`, `{app}`, `{system}` for the quoted role names.
    pub sql: &'static str,
}

/// The migrations of the crate that owns the tables.
#[derive(Debug, Clone, Copy)]
pub struct Component {
    /// The crate's short name.
    pub name: &'static str,
    /// In order of application.
    pub migrations: &'static [Migration],
}

impl Component {
    /// The statements of its migrations that would hold up a deployment which serves, each with its migration.
    pub fn lint(&self) -> Vec<(&'static str, Unsafe)> {
        let judged = self.migrations.iter().filter(|one| !is_exempt(self.name, one.version));
        judged.flat_map(|one| lint(one.sql).into_iter().map(|found| (one.version, found))).collect()
    }
}

/// A migration that was applied by this call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The component.
    pub component: &'static str,
    /// Number and name.
    pub version: &'static str,
    /// How long it took.
    pub took: Duration,
}

/// A migration that the database does not have yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingMigration {
    /// The component.
    pub component: &'static str,
    /// Number and name.
    pub version: &'static str,
}

/// List the migrations of a crate: `migrations!["0001_init", "0002_more"]` reads `../migrations/0001_init.sql` and so on, relative to
/// the file that calls it.
#[macro_export]
macro_rules! migrations {
    ($($version:literal),* $(,)?) => {
        &[$($crate::Migration {
            version: $version,
            sql: include_str!(concat!("../migrations/", $version, ".sql")),
        }),*]
    };
}

/// This crate's own component: scope functions and the clock of leases. Always applied first.
pub const COMPONENT: Component = Component {
    name: "db",
    migrations: migrations!["0001_scopes", "0002_tenant_tables", "0003_deleted"],
};

statements! {
    /// What was applied, as any role may know.
    LIST_APPLIED: "db.list_applied" () -> (TEXT, TEXT, BYTEA)
        = "select component, version, sha256 from underpin.migration order by component, version";
}

/// Apply what is pending, as the owner, on a connection of its own under an advisory lock.
///
/// Retry: safe; five processes at once apply each migration once. Each migration is one transaction, except those that build their
/// indexes `concurrently`: each of their statements may be repeated, and what a failed one left behind is dropped first.
/// Errors: [`Error::Migration`] if an applied file was changed, if one would hold up a deployment that serves ([`lint`]), or if the SQL fails.
pub async fn migrate(owner_url: &str, components: &[Component]) -> Result<Vec<Applied>> {
    let client = connect_plain(owner_url).await?;
    lock(&client).await?;
    let applied = apply(&client, components).await;
    // Closing the connection would release it too; saying so keeps the next process from waiting for the socket.
    client
        .execute("select pg_advisory_unlock($1)", &[&LOCK_KEY])
        .await
        .map_err(|error| Error::from_postgres("db.unlock_migrations", error))?;
    applied
}

/// What [`migrate`] would apply; any role may ask.
pub async fn pending(db: &crate::Db, components: &[Component]) -> Result<Vec<PendingMigration>> {
    let scope = crate::Scope::System(crate::Purpose::Operate);
    let rows = match db.query(scope, &LIST_APPLIED, &[]).await {
        Ok(rows) => rows,
        Err(error) if is_missing(&error) => Vec::new(),
        Err(error) => return Err(error),
    };
    let have: Vec<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let mut pending = Vec::new();
    for (component, migration) in all(components) {
        let applied = have.iter().any(|(c, v)| c == component && v == migration.version);
        if !applied {
            pending.push(PendingMigration { component, version: migration.version });
        }
    }
    Ok(pending)
}

/// A database that was never migrated has no table to ask (42P01), or no schema to look into (3F000, 42501).
fn is_missing(error: &Error) -> bool {
    let (Error::Statement { source, .. } | Error::Refused { source, .. }) = error else {
        return false;
    };
    source.code().is_some_and(|code| matches!(code.code(), "42P01" | "3F000" | "42501"))
}

fn all(components: &[Component]) -> impl Iterator<Item = (&'static str, &'static Migration)> {
    std::iter::once(COMPONENT)
        .chain(components.iter().copied().filter(|component| component.name != COMPONENT.name))
        .flat_map(|component| component.migrations.iter().map(move |m| (component.name, m)))
}

async fn lock(client: &Client) -> Result<()> {
    let deadline = tokio::time::Instant::now() + LOCK_WAIT;
    loop {
        let row = client
            .query_one("select pg_try_advisory_lock($1)", &[&LOCK_KEY])
            .await
            .map_err(|error| Error::from_postgres("db.lock_migrations", error))?;
        if row.get(0) {
            return Ok(());
        }
        if tokio::time::Instant::now() >= deadline {
            return Err(Error::Unavailable(
                "another process has been migrating for two minutes".into(),
            ));
        }
        tokio::time::sleep(LOCK_POLL).await;
    }
}

async fn apply(client: &Client, components: &[Component]) -> Result<Vec<Applied>> {
    let failed = |error| Error::from_postgres("db.migration_table", error);
    client.batch_execute(include_str!("migrate/table.sql")).await.map_err(failed)?;
    let roles = Roles::of(client).await?;
    let rows = client.query(LIST_APPLIED.sql, &[]).await.map_err(failed)?;
    let have: Vec<(String, String, Vec<u8>)> =
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let mut applied = Vec::new();
    for (component, migration) in all(components) {
        let digest = Sha256::digest(migration.sql.as_bytes()).to_vec();
        match have.iter().find(|(c, v, _)| c == component && v == migration.version) {
            Some((.., known)) if *known == digest => {}
            Some(_) => {
                let reason =
                    "the file differs from what was applied; write a new migration instead".into();
                return Err(Error::Migration {
                    component,
                    version: migration.version.into(),
                    reason,
                });
            }
            None => applied.push(apply_one(client, &roles, component, migration, &digest).await?),
        }
    }
    Ok(applied)
}

async fn apply_one(
    client: &Client,
    roles: &Roles,
    component: &'static str,
    migration: &'static Migration,
    digest: &[u8],
) -> Result<Applied> {
    let (started, version) = (std::time::Instant::now(), migration.version);
    let failed = |reason: String| Error::Migration { component, version: version.into(), reason };
    if !is_exempt(component, version)
        && let Some(found) = lint(migration.sql).first()
    {
        return Err(failed(format!("would hold up a deployment that serves: {found}")));
    }
    let hex = digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let sql = roles.fill(migration.sql);
    let note = format!(
        "insert into underpin.migration (component, version, sha256) values ('{component}', '{version}', '\\x{hex}')"
    );
    let run = if sentences(&sql).iter().any(is_concurrent) {
        run_concurrently(client, &sql, &note).await
    } else {
        run_at_once(client, &sql, &note).await
    };
    run.map_err(|error| {
        failed(error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string))
    })?;
    Ok(Applied { component, version, took: started.elapsed() })
}

/// All of a migration in one transaction.
async fn run_at_once(client: &Client, sql: &str, note: &str) -> Result<(), PgError> {
    let whole =
        format!("begin; set local lock_timeout = '{ROW_LOCK_WAIT}'; {sql}\n; {note}; commit");
    if let Err(error) = client.batch_execute(&whole).await {
        // The message that failed left its transaction open.
        client.batch_execute("rollback").await?;
        return Err(error);
    }
    Ok(())
}

/// Each statement by itself, outside of a transaction: a transaction would hold its locks until the last index is built.
async fn run_concurrently(client: &Client, sql: &str, note: &str) -> Result<(), PgError> {
    let wait = format!("set lock_timeout = '{CONCURRENT_LOCK_WAIT}'");
    client.batch_execute(&wait).await?;
    for sentence in sentences(sql) {
        // An index whose building failed is there and serves nobody.
        let invalid = "select i.indexrelid::regclass::text from pg_index i \
            join pg_class c on c.oid = i.indexrelid \
            where not i.indisvalid and c.relkind = 'i' and pg_get_userbyid(c.relowner) = current_user";
        for row in client.query(invalid, &[]).await? {
            let name: String = row.get(0);
            client.batch_execute(&format!("drop index concurrently {name}")).await?;
        }
        client.batch_execute(sentence.sql).await?;
    }
    client.batch_execute(&format!("reset lock_timeout; {note}")).await
}

/// The quoted names of the three roles: they carry the same prefix as the owner who migrates.
struct Roles {
    prefix: String,
}

impl Roles {
    async fn of(client: &Client) -> Result<Self> {
        let row = client
            .query_one("select current_user::text", &[])
            .await
            .map_err(|error| Error::from_postgres("db.current_user", error))?;
        let user: String = row.get(0);
        let prefix = user.strip_suffix("_owner").ok_or_else(|| {
            Error::Settings(format!(
                "migrate as the role `<name>_owner` that `db init` made, not as {user}"
            ))
        })?;
        Ok(Self { prefix: prefix.to_owned() })
    }

    fn fill(&self, sql: &str) -> String {
        let quoted = |role: &str| format!("\"{}_{role}\"", self.prefix.replace('"', "\"\""));
        sql.replace("{owner}", &quoted("owner"))
            .replace("{app}", &quoted("app"))
            .replace("{system}", &quoted("system"))
    }
}
