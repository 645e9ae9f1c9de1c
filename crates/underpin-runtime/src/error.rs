use std::path::PathBuf;

use underpin_base::ErrorKind;

use crate::settings::Problem;

/// What can go wrong before a process does its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings file cannot be read.
    #[error("cannot read the settings file {path}; give another with --config or UNDERPIN_CONFIG", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Settings were refused; every problem that was found is listed.
    #[error("the settings were refused:{}", list(.0))]
    Refused(Vec<Problem>),
    /// The log filter cannot be read.
    #[error("log.filter is no filter: {0}")]
    Filter(String),
    /// The log file cannot be written.
    #[error("cannot write the log file {path}; give another as log.file", path = path.display())]
    LogFile {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The thread of a log cannot be started.
    #[error("cannot start the thread that writes the log")]
    LogThread(#[source] std::io::Error),
    /// Traces cannot be sent there.
    #[error("traces.endpoint is no URL that spans can be sent to")]
    Endpoint(#[source] reqwest::Error),
    /// Telemetry was started before in this process.
    #[error("telemetry was started twice")]
    StartedTwice,
}

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// What kind of failure it is for the one who asked.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Unreadable { .. }
            | Self::Refused(_)
            | Self::Filter(_)
            | Self::LogFile { .. }
            | Self::Endpoint(_) => ErrorKind::Invalid,
            Self::StartedTwice | Self::LogThread(_) => ErrorKind::Internal,
        }
    }
}

fn list(problems: &[Problem]) -> String {
    problems.iter().fold(String::new(), |list, problem| list + "\n  - " + &problem.to_string())
}
