//! What can go wrong between an event and its readers.

use underpin_base::ErrorKind;

use crate::Topic;

/// A failed operation on the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or was away.
    #[error(transparent)]
    Db(#[from] underpin_db::Error),
    /// An event's payload passes its limit: a log carries what happened, not the thing itself.
    #[error("event {kind} on {topic} has a payload of {bytes} bytes")]
    TooLarge {
        /// The topic.
        topic: Topic,
        /// The event's kind.
        kind: &'static str,
        /// Bytes of the payload as JSON text.
        bytes: usize,
    },
    /// The sequencer's own connection broke.
    #[error("the sequencer lost its connection")]
    Sequencer(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Db(error) => error.kind(),
            Self::TooLarge { .. } => ErrorKind::Internal,
            Self::Sequencer(_) => ErrorKind::Unavailable,
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
