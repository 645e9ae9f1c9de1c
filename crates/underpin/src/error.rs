//! One error for modules that have no refusals of their own.

use underpin_base::{BadCursor, ErrorKind};
use underpin_db::AsDbError;
use underpin_http::Problem;

/// What the kernel's parts may answer; a module with refusals of its own has an enum of its own around these.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Db(#[from] underpin_db::Error),
    /// The log.
    #[error(transparent)]
    Log(#[from] underpin_log::Error),
    /// The queue.
    #[error(transparent)]
    Jobs(#[from] underpin_jobs::Error),
    /// The storage.
    #[error(transparent)]
    Files(#[from] underpin_files::Error),
    /// A cursor that this list did not give.
    #[error(transparent)]
    BadCursor(#[from] BadCursor),
    /// A field of the request is at fault.
    #[error("{field}: {message}")]
    Field {
        /// Its name in JSON.
        field: &'static str,
        /// What is wrong, for programs.
        code: &'static str,
        /// What is wrong, for people.
        message: &'static str,
    },
}

impl Error {
    /// A field of the request is at fault.
    pub const fn field(field: &'static str, code: &'static str, message: &'static str) -> Self {
        Self::Field { field, code, message }
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Db(error) => error.kind(),
            Self::Log(error) => error.kind(),
            Self::Jobs(error) => error.kind(),
            Self::Files(error) => error.kind(),
            Self::BadCursor(_) | Self::Field { .. } => ErrorKind::Invalid,
        }
    }
}

impl AsDbError for Error {
    fn as_db(&self) -> Option<&underpin_db::Error> {
        match self {
            Self::Db(error) => Some(error),
            Self::Log(error) => error.as_db(),
            Self::Jobs(error) => error.as_db(),
            Self::Files(error) => error.as_db(),
            Self::BadCursor(_) | Self::Field { .. } => None,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Db(error) | Error::Jobs(underpin_jobs::Error::Db(error)) => error.into(),
            Error::Log(error) => error.into(),
            Error::Files(error) => error.into(),
            Error::BadCursor(error) => error.into(),
            Error::Field { field, code, message } => Self::field(field, code, message),
            Error::Jobs(error) => Self::from_error(error.kind(), error),
        }
    }
}
