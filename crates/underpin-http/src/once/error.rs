//! Why a transaction under a key ended without an answer.

use underpin_db::AsDbError;

use crate::{Code, Problem};

/// Why there is no answer.
pub(super) enum Stop<E> {
    /// Another request with the key is at work.
    InFlight,
    /// The key was used for another request.
    Reused,
    /// Another request with the key was done while this one was at work.
    Late,
    /// The work refused or failed.
    Work(E),
    /// The database failed around the work.
    Db(underpin_db::Error),
    /// The answer cannot be written or kept: a fault of ours.
    Fault(Problem),
}

impl<E> From<underpin_db::Error> for Stop<E> {
    fn from(error: underpin_db::Error) -> Self {
        Self::Db(error)
    }
}

impl<E: AsDbError> AsDbError for Stop<E> {
    fn as_db(&self) -> Option<&underpin_db::Error> {
        match self {
            Self::Work(error) => error.as_db(),
            Self::Db(error) => Some(error),
            Self::InFlight | Self::Reused | Self::Late | Self::Fault(_) => None,
        }
    }
}

impl<E> Stop<E> {
    /// Whether a rival's commit may be the cause: what it made stands in the way of the same again.
    pub(super) const fn may_be_late(&self) -> bool {
        matches!(self, Self::Late | Self::Work(_))
    }
}

impl<E: Into<Problem>> From<Stop<E>> for Problem {
    #[track_caller]
    fn from(stop: Stop<E>) -> Self {
        match stop {
            Stop::InFlight | Stop::Late => Self::new(Code::InFlight),
            Stop::Reused => Self::new(Code::KeyReused),
            Stop::Work(error) => error.into(),
            Stop::Db(error) => error.into(),
            Stop::Fault(problem) => problem,
        }
    }
}
