//! What can go wrong with asking.

use std::{error::Error as _, path::PathBuf};

use underpin_base::ErrorKind;

/// A deployment that could not be asked, or answered something that it may not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that was named cannot be used.
    #[error("cannot use {path}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file holds something else than it should.
    #[error("{path} is no {what}", path = path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// Why it is not.
        #[source]
        source: serde_json::Error,
    },
    /// A request got no answer.
    #[error("{what} got no answer")]
    Away {
        /// The request.
        what: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// An answer that the check cannot go on with.
    #[error("{what} was answered {status} {body}")]
    Answer {
        /// The request.
        what: String,
        /// The status.
        status: u16,
        /// The beginning of the body.
        body: String,
    },
    /// An answer without something that it must have.
    #[error("{what} has no {field}")]
    Lacking {
        /// The answer.
        what: String,
        /// What it lacks.
        field: String,
    },
    /// A socket could not be opened, or broke.
    #[error("the socket {what}")]
    Socket {
        /// What it did.
        what: String,
        /// Why.
        #[source]
        source: Box<tokio_tungstenite::tungstenite::Error>,
    },
    /// A process could not be started, signalled or looked at.
    #[error("process: {what}")]
    Process {
        /// What was tried.
        what: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Something did not come true in time.
    #[error("{0} did not come true in time")]
    Late(String),
    /// The database refused or is away.
    #[error(transparent)]
    Db(#[from] underpin_db::Error),
    /// The private Postgres of a check.
    #[error(transparent)]
    Cluster(#[from] underpin_db::cluster::Error),
}

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::File { .. } | Self::Content { .. } => ErrorKind::Invalid,
            Self::Away { .. } | Self::Late(_) | Self::Socket { .. } => ErrorKind::Unavailable,
            Self::Db(error) => error.kind(),
            _ => ErrorKind::Internal,
        }
    }

    /// The error and its causes in one line.
    pub fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut next = self.source();
        while let Some(cause) = next {
            let cause_text = cause.to_string();
            if !text.ends_with(&cause_text) {
                text.push_str(": ");
                text.push_str(&cause_text);
            }
            next = cause.source();
        }
        text
    }
}
