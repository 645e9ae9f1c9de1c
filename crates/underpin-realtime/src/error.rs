//! What can go wrong between a connection and its rooms.

use underpin_base::ErrorKind;

/// A failed operation of the hub.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The hub does not run, or this process is about to end.
    #[error("the hub takes no connections now")]
    Closed,
    /// The process has as many connections as it may.
    #[error("this process has no place for another connection")]
    Full,
    /// The person has as many connections as one may.
    #[error("this person has too many connections")]
    TooMany,
    /// The connection is in as many rooms as it may.
    #[error("this connection is in too many rooms")]
    TooManyRooms,
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] underpin_log::Error),
}

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Closed | Self::Full => ErrorKind::Unavailable,
            Self::TooMany | Self::TooManyRooms => ErrorKind::Limited,
            Self::Log(error) => error.kind(),
        }
    }
}
