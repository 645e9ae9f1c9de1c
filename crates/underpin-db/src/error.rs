//! What can go wrong between a statement and its answer.

use tokio_postgres::error::SqlState;
use underpin_base::ErrorKind;

use crate::Budget;

/// A failed statement, transaction, connection or migration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A named constraint refused the write; the caller turns the name into its own error.
    #[error("constraint {name} refused the write")]
    Constraint {
        /// The constraint's name, without a shard suffix.
        name: String,
        /// What the server said.
        #[source]
        source: tokio_postgres::Error,
    },
    /// A deadlock or serialisation failure, after the last re-run.
    #[error("the transaction met a rival")]
    Conflict(#[source] tokio_postgres::Error),
    /// A statement that must find a row found none.
    #[error("statement {0} found no row")]
    NotFound(&'static str),
    /// Row level security or a missing grant refused the statement.
    #[error("statement {statement} is not allowed in its scope")]
    Refused {
        /// The statement's name.
        statement: &'static str,
        /// What the server said.
        #[source]
        source: tokio_postgres::Error,
    },
    /// No free connection within the limit.
    #[error("no free database connection")]
    Exhausted,
    /// The server ended a statement at its time limit.
    #[error("statement {statement} took too long")]
    TooLong {
        /// The statement's name.
        statement: &'static str,
        /// What the server said.
        #[source]
        source: tokio_postgres::Error,
    },
    /// With this process all processes together may open more connections than the server has.
    #[error("the connections do not fit: {0}")]
    Crowded(Box<Budget>),
    /// The server is away, or did not answer in time.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The closure went on after a failed statement, so nothing could be committed.
    #[error("a statement failed earlier in this transaction")]
    Aborted,
    /// The operation needs another scope than the transaction has.
    #[error("this needs a tenant scope")]
    WrongScope,
    /// The server refused a statement for another reason.
    #[error("statement {statement} failed")]
    Statement {
        /// The statement's name.
        statement: &'static str,
        /// What the server said.
        #[source]
        source: tokio_postgres::Error,
    },
    /// A migration cannot be applied.
    #[error("migration {component} {version}: {reason}")]
    Migration {
        /// The crate that owns the tables.
        component: &'static str,
        /// The migration's number and name.
        version: String,
        /// What is wrong, and what to do about it.
        reason: String,
    },
    /// A database URL or option cannot be used.
    #[error("database settings: {0}")]
    Settings(String),
}

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The column whose check refused the write, where the check is called `<table>_<column>_form`: a value that somebody sent.
    pub fn refused_field(&self) -> Option<&str> {
        let Self::Constraint { name, source } = self else { return None };
        let refusal = source.as_db_error().filter(|e| *e.code() == SqlState::CHECK_VIOLATION)?;
        let field = name.strip_prefix(refusal.table()?)?.strip_prefix('_')?;
        field.strip_suffix("_form").filter(|field| !field.is_empty())
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Constraint { .. } => ErrorKind::Conflict,
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Refused { .. } => ErrorKind::Forbidden,
            Self::Conflict(_)
            | Self::Exhausted
            | Self::TooLong { .. }
            | Self::Crowded(_)
            | Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::Aborted
            | Self::WrongScope
            | Self::Statement { .. }
            | Self::Migration { .. }
            | Self::Settings(_) => ErrorKind::Internal,
        }
    }

    /// Whether running the whole transaction again may succeed at once.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }

    /// Sort a server's or connection's error by what the caller can do about it.
    pub(crate) fn from_postgres(statement: &'static str, source: tokio_postgres::Error) -> Self {
        let Some(db) = source.as_db_error() else {
            return if source.is_closed() || is_io(&source) {
                Self::Unavailable(Box::new(source))
            } else {
                Self::Statement { statement, source }
            };
        };
        let code = db.code();
        match &code.code()[..2] {
            "23" => {
                let name = plain_constraint(db.constraint().unwrap_or_default()).to_owned();
                Self::Constraint { name, source }
            }
            "40" => Self::Conflict(source),
            _ if *code == SqlState::QUERY_CANCELED => Self::TooLong { statement, source },
            "08" | "53" | "57" => Self::Unavailable(Box::new(source)),
            _ if *code == SqlState::LOCK_NOT_AVAILABLE
                || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT =>
            {
                Self::Unavailable(Box::new(source))
            }
            _ if *code == SqlState::INSUFFICIENT_PRIVILEGE => Self::Refused { statement, source },
            _ => Self::Statement { statement, source },
        }
    }
}

/// Turn a violated named constraint into the caller's own error; everything else passes through.
///
/// `name` returns the error for a constraint it knows.
pub fn on_constraint<T, E: From<Error>>(
    result: Result<T>,
    name: impl FnOnce(&str) -> Option<E>,
) -> Result<T, E> {
    result.map_err(|error| match &error {
        Error::Constraint { name: constraint, .. } => {
            name(constraint).unwrap_or_else(|| error.into())
        }
        _ => error.into(),
    })
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.is::<std::io::Error>() {
            return true;
        }
        source = inner.source();
    }
    error.to_string().contains("connect")
}

/// A constraint's own name: Citus appends `_<shard id>` (six or more digits) on its shards.
fn plain_constraint(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((plain, digits))
            if digits.len() >= 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            plain
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::plain_constraint;

    #[test]
    fn a_shard_suffix_is_no_part_of_a_constraint_name() {
        assert_eq!(plain_constraint("fund_name_key_102089"), "fund_name_key");
        assert_eq!(plain_constraint("fund_name_key"), "fund_name_key");
        assert_eq!(plain_constraint("slot_2024"), "slot_2024");
    }
}
