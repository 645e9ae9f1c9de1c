//! What can go wrong with mail.

use underpin_base::ErrorKind;

/// A failed operation on mail.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or is away.
    #[error(transparent)]
    Db(#[from] underpin_db::Error),
    /// The job could not be enqueued or ended.
    #[error(transparent)]
    Jobs(#[from] underpin_jobs::Error),
    /// A stored mail that this deployment's secret does not open.
    #[error("mail {0} does not open; was the secret key changed?")]
    Sealed(crate::MailId),
    /// A mail that is longer than any of ours.
    #[error("a mail of {0} bytes")]
    TooLarge(usize),
    /// Settings that a relay cannot be talked to with.
    #[error("mail settings: {0}")]
    Settings(String),
}

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Db(error) => error.kind(),
            Self::Jobs(error) => error.kind(),
            Self::Sealed(_) | Self::TooLarge(_) | Self::Settings(_) => ErrorKind::Internal,
        }
    }
}

impl underpin_db::AsDbError for Error {
    fn as_db(&self) -> Option<&underpin_db::Error> {
        match self {
            Self::Db(error) => Some(error),
            Self::Jobs(error) => error.as_db(),
            _ => None,
        }
    }
}

impl From<Error> for underpin_jobs::Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Jobs(error) => error.into(),
            Error::Db(error) => error.into(),
            // The secret does not come back by waiting.
            error @ Error::Sealed(_) => Self::discard("sealed", error.to_string()),
            error => Self::retry(error),
        }
    }
}
