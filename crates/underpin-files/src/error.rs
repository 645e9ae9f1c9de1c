//! What can go wrong with a file.

use underpin_base::ErrorKind;

/// Why bytes were not taken, kept or given back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The body passes its limit, by its header or by its bytes.
    #[error("the body is larger than {bytes_max} bytes")]
    TooLarge {
        /// The limit.
        bytes_max: u64,
    },
    /// The body stopped arriving, or arrives slower than the floor.
    #[error("the body stopped arriving after {bytes} bytes")]
    BodyTimeout {
        /// What had arrived.
        bytes: u64,
    },
    /// The sender went away, or the framing of the body is broken.
    #[error("the body broke off after {bytes} bytes")]
    BodyBroken {
        /// What had arrived.
        bytes: u64,
        /// What the connection said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The body ended at another length than its header said.
    #[error("the header said {expected} bytes, {bytes} came")]
    LengthMismatch {
        /// What the header said.
        expected: u64,
        /// What came.
        bytes: u64,
    },
    /// The file's name is empty, too long or holds control characters.
    #[error("the file name must have 1 to 255 characters and no control characters")]
    BadFilename,
    /// As many uploads as one process takes at a time are under way.
    #[error("too many uploads are under way")]
    Busy,
    /// There is no such object.
    #[error("object {key} does not exist")]
    Missing {
        /// The object's key.
        key: String,
    },
    /// The upload was swept, or used already.
    #[error("the upload is gone")]
    Gone,
    /// The storage could not do it.
    #[error("the object storage failed to {operation}")]
    Storage {
        /// What was tried.
        operation: &'static str,
        /// What the storage said.
        #[source]
        source: object_store::Error,
    },
    /// The database could not do it.
    #[error(transparent)]
    Db(#[from] underpin_db::Error),
}

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLarge { .. }
            | Self::BodyTimeout { .. }
            | Self::BodyBroken { .. }
            | Self::LengthMismatch { .. }
            | Self::BadFilename => ErrorKind::Invalid,
            Self::Missing { .. } => ErrorKind::NotFound,
            Self::Gone => ErrorKind::Conflict,
            Self::Busy | Self::Storage { .. } => ErrorKind::Unavailable,
            Self::Db(error) => error.kind(),
        }
    }

    /// The stable code of docs/api.md, where the kind alone does not say it.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::TooLarge { .. } => Some("too_large"),
            Self::BodyTimeout { .. } => Some("body_timeout"),
            Self::BodyBroken { .. } | Self::LengthMismatch { .. } => Some("malformed"),
            _ => None,
        }
    }
}

impl underpin_db::AsDbError for Error {
    fn as_db(&self) -> Option<&underpin_db::Error> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

/// Name the storage's failure by what was tried.
pub(crate) fn storage(operation: &'static str) -> impl FnOnce(object_store::Error) -> Error {
    move |source| match source {
        object_store::Error::NotFound { path, .. } => Error::Missing { key: path },
        source => Error::Storage { operation, source },
    }
}
