//! How an attempt ends that did not succeed: its author decides.

use std::time::Duration;

use crate::Error;

/// Why an attempt did not finish its job, and what is to become of it.
#[derive(Debug)]
pub enum Fault {
    /// Try again after a growing wait; after the last attempt a dead letter.
    Retry(Box<dyn std::error::Error + Send + Sync>),
    /// Not now: come back after this long. Costs no attempt.
    Snooze(Duration),
    /// It can never succeed: a dead letter at once.
    Discard {
        /// Stable name of the reason.
        code: &'static str,
        /// For the operator; no secrets.
        message: String,
    },
    /// [`Run::stop`](crate::Run::stop) asked to stop and the handler did, between two steps. Costs no attempt.
    Stopped,
}

impl Fault {
    /// Try again because of this error.
    pub fn retry(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Retry(error.into())
    }

    /// Never try again.
    pub fn discard(code: &'static str, message: impl Into<String>) -> Self {
        Self::Discard { code, message: message.into() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Retry(error) => write!(f, "try again: {}", chain(&**error)),
            Self::Snooze(wait) => write!(f, "come back in {} ms", wait.as_millis()),
            Self::Discard { code, message } => write!(f, "discarded, {code}: {message}"),
            Self::Stopped => f.write_str("stopped as asked"),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::retry(error)
    }
}

impl From<underpin_db::Error> for Fault {
    fn from(error: underpin_db::Error) -> Self {
        Self::retry(error)
    }
}

impl From<underpin_log::Error> for Fault {
    fn from(error: underpin_log::Error) -> Self {
        Self::retry(error)
    }
}

impl underpin_db::AsDbError for Fault {
    fn as_db(&self) -> Option<&underpin_db::Error> {
        let Self::Retry(error) = self else { return None };
        if let Some(error) = error.downcast_ref::<Error>() {
            return error.as_db();
        }
        if let Some(error) = error.downcast_ref::<underpin_log::Error>() {
            return error.as_db();
        }
        error.downcast_ref::<underpin_db::Error>()
    }
}

/// An error with its causes, each once.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
