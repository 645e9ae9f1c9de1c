//! Failures that somebody answers for, for a while.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Check;

/// One failure that does not fail an audit until a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The check.
    #[serde(skip_serializing)]
    pub check: String,
    /// Who answers for it.
    pub owner: String,
    /// Why it may be so.
    pub reason: String,
    /// The last day on which it may be so, in UTC.
    pub until: Date,
}

/// The waivers of an audit, at most one a check.
#[derive(Debug, Clone, Default)]
pub struct Waivers(Vec<Waiver>);

/// The file: `[[waiver]]` as often as need be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    waiver: Vec<Waiver>,
}

/// Waivers that waive nothing: the audit does not begin.
#[derive(Debug, thiserror::Error)]
pub enum BadWaiver {
    /// The file cannot be read.
    #[error("cannot read the waivers in {path}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("the waivers cannot be understood")]
    Content(#[from] toml::de::Error),
    /// No check has this id.
    #[error("a waiver names {0}; there is no such check")]
    Unknown(String),
    /// A check has two.
    #[error("{0} is waived twice")]
    Twice(String),
    /// Its day has passed.
    #[error("the waiver of {check} by {owner} ended on {until}: mend what fails, or decide anew")]
    Expired {
        /// The check.
        check: String,
        /// Who answered for it.
        owner: String,
        /// Its last day.
        until: Date,
    },
    /// Nobody answers for it, or nobody knows why.
    #[error("the waiver of {check} has no {lacks}")]
    Lacking {
        /// The check.
        check: String,
        /// `owner` or `reason`.
        lacks: &'static str,
    },
}

impl Waivers {
    /// Read a file of waivers for these checks.
    ///
    /// Errors: a waiver of no check, of a day that has passed, without an owner or a reason, or a second one of a check; what is written wrong waives nothing
    /// in silence.
    pub fn read(path: &Path, checks: &[Check], today: Date) -> Result<Self, BadWaiver> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|source| BadWaiver::File { path: path.to_owned(), source })?;
        Self::parse(&text, checks, today)
    }

    /// Read waivers from their text.
    pub fn parse(text: &str, checks: &[Check], today: Date) -> Result<Self, BadWaiver> {
        let Written { waiver: waivers } = toml::from_str(text)?;
        for (at, waiver) in waivers.iter().enumerate() {
            let check = || waiver.check.clone();
            if !checks.iter().any(|known| known.id == waiver.check) {
                return Err(BadWaiver::Unknown(check()));
            }
            if waivers[..at].iter().any(|other| other.check == waiver.check) {
                return Err(BadWaiver::Twice(check()));
            }
            for (lacks, said) in [("owner", &waiver.owner), ("reason", &waiver.reason)] {
                if said.trim().is_empty() {
                    return Err(BadWaiver::Lacking { check: check(), lacks });
                }
            }
            if waiver.until < today {
                let (owner, until) = (waiver.owner.clone(), waiver.until);
                return Err(BadWaiver::Expired { check: check(), owner, until });
            }
        }
        Ok(Self(waivers))
    }

    /// The waiver of a check.
    pub fn of(&self, check: &str) -> Option<&Waiver> {
        self.0.iter().find(|waiver| waiver.check == check)
    }
}
