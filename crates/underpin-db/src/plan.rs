//! How the server would run a statement, for tests and audits.

use tokio_postgres::{Client, types::Type};

use crate::{Db, Error, Result, Scope, Statement};

/// Asks for plans over a connection of its own; dropped, it is closed.
///
/// The plans are those of any parameters, and of tables of any size: reading a table whole is only chosen where no index serves.
#[derive(Debug)]
pub struct Planner {
    client: Client,
    scope: Scope,
    asked: u32,
}

impl Db {
    /// Open a connection that asks for plans in a scope.
    ///
    /// Errors: [`Error::Unavailable`] if the server is away.
    pub async fn planner(&self, scope: impl Into<Scope>) -> Result<Planner> {
        let scope = scope.into();
        let client = self.dedicated_as(&scope).await?;
        Ok(Planner { client, scope, asked: 0 })
    }
}

impl Planner {
    /// The plan of a statement, as `explain` prints it; nothing is run.
    ///
    /// Errors: [`Error::Refused`] if the scope's role may not run it.
    pub async fn plan(&mut self, statement: &Statement) -> Result<String> {
        let (name, failed) = (statement.name, |error| Error::from_postgres(statement.name, error));
        self.asked += 1;
        let (at, begin) = (self.asked, self.scope.begin(None, None));
        let types = in_parentheses(statement.params.iter().map(type_name));
        let nulls = in_parentheses(statement.params.iter().map(|_| "null".to_owned()));
        let sql = format!(
            "{begin}; set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off; prepare plan_{at}{types} as {}",
            statement.sql
        );
        let prepared = self.client.batch_execute(&sql).await.map_err(failed);
        let rows = match prepared {
            Ok(()) => {
                let explain = format!("explain execute plan_{at}{nulls}");
                self.client.query(&explain, &[]).await.map_err(failed)
            }
            Err(error) => Err(error),
        };
        let rolled_back = self.client.batch_execute("rollback").await;
        let rows = rows?;
        rolled_back.map_err(|error| Error::from_postgres(name, error))?;
        Ok(rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n"))
    }
}

fn in_parentheses(parts: impl Iterator<Item = String>) -> String {
    let parts = parts.collect::<Vec<_>>().join(", ");
    if parts.is_empty() { parts } else { format!("({parts})") }
}

/// A type as SQL writes it.
fn type_name(kind: &Type) -> String {
    let name = kind.name();
    name.strip_prefix('_').map_or_else(|| name.to_owned(), |element| format!("{element}[]"))
}
