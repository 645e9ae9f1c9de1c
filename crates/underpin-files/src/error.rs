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
    /// The body says that it is compressed and is not, or ends too early.
    #[error("the body is no gzip")]
    BadEncoding(#[source] std::io::Error),
    /// The file's name is empty, too long or holds control characters.
    #[error("the file name must have 1 to 255 characters and no control characters")]
    BadFilename,
    /// This process holds as much of bodies as it may.
    #[error("too many uploads are under way")]
    Busy,
    /// The person, or the tenant, has as many uploads under way as they may.
    #[error("{open} uploads of {whose} are under way; that is the limit")]
    TooMany {
        /// `yours` or `your tenant`.
        whose: &'static str,
        /// How many there are.
        open: u32,
    },
    /// With this file the tenant would have more stored than it may.
    #[error("the tenant may store {bytes_max} bytes in all")]
    QuotaExceeded {
        /// The limit.
        bytes_max: u64,
    },
    /// The storage is a directory: nobody can send a file past the server.
    #[error("this deployment takes files as the body of a request only")]
    DirectOnly,
    /// Nothing lies at the URL that was given out.
    #[error("nothing has arrived at the URL")]
    NotArrived,
    /// What lies at the URL that was given out has another size than was announced.
    #[error("{announced} bytes were announced, {arrived} arrived")]
    WrongSize {
        /// What was announced.
        announced: u64,
        /// What arrived.
        arrived: u64,
    },
    /// There is no such upload for this principal.
    #[error("there is no such upload")]
    NoUpload,
    /// There is no such object.
    #[error("object {key} does not exist")]
    Missing {
        /// The object's key.
        key: String,
    },
    /// The upload was swept, is used already, or was not verified.
    #[error("the upload is gone or in use")]
    Gone,
    /// Another living process of the deployment keeps its files elsewhere.
    #[error(
        "files lie in {own} on host {host}, but a process on host {other_host} keeps them in {other}"
    )]
    Elsewhere {
        /// Where this process keeps files.
        own: String,
        /// This host.
        host: String,
        /// The other's host.
        other_host: String,
        /// Where the other keeps files.
        other: String,
    },
    /// The storage did not answer in time.
    #[error("the object storage took too long to {operation}")]
    StorageTimeout {
        /// What was tried.
        operation: &'static str,
    },
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
            | Self::BadEncoding(_)
            | Self::BadFilename => ErrorKind::Invalid,
            Self::TooMany { .. } => ErrorKind::Limited,
            Self::NoUpload | Self::Missing { .. } => ErrorKind::NotFound,
            Self::Gone
            | Self::QuotaExceeded { .. }
            | Self::DirectOnly
            | Self::NotArrived
            | Self::WrongSize { .. }
            | Self::Elsewhere { .. } => ErrorKind::Conflict,
            Self::Busy | Self::Storage { .. } | Self::StorageTimeout { .. } => {
                ErrorKind::Unavailable
            }
            Self::Db(error) => error.kind(),
        }
    }

    /// The stable code of docs/api.md, where the kind alone does not say it.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::TooLarge { .. } => Some("too_large"),
            Self::BodyTimeout { .. } => Some("body_timeout"),
            Self::BodyBroken { .. } | Self::LengthMismatch { .. } | Self::BadEncoding(_) => {
                Some("malformed")
            }
            Self::QuotaExceeded { .. } => Some("quota_exceeded"),
            Self::DirectOnly => Some("direct_only"),
            _ => None,
        }
    }

    /// Whether its words are for the one who asked: they say what to mend, and nothing of the inside.
    pub const fn is_outspoken(&self) -> bool {
        matches!(
            self,
            Self::TooLarge { .. }
                | Self::BodyTimeout { .. }
                | Self::BodyBroken { .. }
                | Self::LengthMismatch { .. }
                | Self::BadEncoding(_)
                | Self::BadFilename
                | Self::Busy
                | Self::TooMany { .. }
                | Self::QuotaExceeded { .. }
                | Self::DirectOnly
                | Self::NotArrived
                | Self::WrongSize { .. }
                | Self::Gone
        )
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
