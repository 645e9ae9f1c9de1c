//! What can go wrong around a job.

use underpin_base::ErrorKind;

use crate::JobId;

/// A failed operation on jobs.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or was away.
    #[error(transparent)]
    Db(#[from] underpin_db::Error),
    /// The claim is no longer held: another worker has the job, or it is over. Everything of the transaction was rolled back.
    #[error("job {job}: claim {claim_seq} is no longer held")]
    Stale {
        /// The job.
        job: JobId,
        /// The fencing number of the claim that was lost.
        claim_seq: i64,
    },
    /// There is a job with this id.
    #[error("job {0} exists")]
    Exists(JobId),
    /// A live job of this kind has the unique key, and it is not for this principal to see.
    #[error("the unique key {0} is taken")]
    Taken(String),
    /// A payload or checkpoint that does not fit its type.
    #[error("{what} does not decode")]
    Decode {
        /// What was to be read, with the job's kind.
        what: String,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// A payload or checkpoint that cannot be written as JSON.
    #[error("{what} does not encode")]
    Encode {
        /// What was to be written, with the job's kind.
        what: String,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// There is no dead letter with this id.
    #[error("no dead letter {0}")]
    NotDead(JobId),
    /// The worker's own connection broke.
    #[error("the worker lost its connection")]
    Heartbeat(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Db(error) => error.kind(),
            Self::Stale { .. } | Self::Exists(_) | Self::Taken(_) => ErrorKind::Conflict,
            Self::NotDead(_) => ErrorKind::NotFound,
            Self::Decode { .. } | Self::Encode { .. } => ErrorKind::Internal,
            Self::Heartbeat(_) => ErrorKind::Unavailable,
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
