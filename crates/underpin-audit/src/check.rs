//! What a check is, and how one ends.

use std::{fmt, pin::Pin};

use serde::{Deserialize, Serialize};

use crate::Stage;

/// The work of a check.
pub type Running<'s> = Pin<Box<dyn Future<Output = Result<Outcome, Stopped>> + Send + 's>>;

/// One promise of the platform, and how a live deployment is asked whether it keeps it.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// `<what>.<which>`; final, because proofs and scorecards name it.
    pub id: &'static str,
    /// The findings of the seed audits that it answers.
    pub seeds: &'static [&'static str],
    /// What it would mean if the promise were broken.
    pub severity: Severity,
    /// The promise, in one sentence.
    pub promise: &'static str,
    /// What is done to the deployment.
    pub input: &'static str,
    /// What is looked at.
    pub measure: &'static str,
    /// What must hold of it.
    pub threshold: &'static str,
    /// The sabotage that must turn it red.
    pub fault: &'static str,
    /// Ask.
    pub run: for<'s> fn(&'s Stage) -> Running<'s>,
}

/// What a broken promise would mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// Somebody sees or moves what is not theirs, or something is done twice or not at all.
    P0,
    /// The deployment fails its users or can be made to.
    P1,
    /// It is slower or dearer than it says.
    P2,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 3] = [Self::P0, Self::P1, Self::P2];

    /// What a broken promise of it would mean, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::P0 => {
                "Somebody sees or moves what is not theirs, or something is done twice or not at all."
            }
            Self::P1 => "The deployment fails its users or can be made to.",
            Self::P2 => "It is slower or dearer than it says.",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// What a check saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the promise was kept.
    pub passed: bool,
    /// The figure that was judged.
    pub measured: String,
    /// What one would want to see of it afterwards, a fact a line.
    pub evidence: Vec<String>,
}

impl Outcome {
    /// Judge by a figure.
    pub fn judge(passed: bool, measured: impl Into<String>) -> Self {
        Self { passed, measured: measured.into(), evidence: Vec::new() }
    }

    /// Judge by a list of breaches: an empty one passes. The first breaches are kept as evidence.
    pub fn of_breaches(breaches: Vec<String>, measured: impl Into<String>) -> Self {
        const SHOWN_MAX: usize = 12;
        let mut outcome = Self::judge(breaches.is_empty(), measured);
        let more = breaches.len().saturating_sub(SHOWN_MAX);
        outcome.evidence = breaches.into_iter().take(SHOWN_MAX).collect();
        if more > 0 {
            outcome.evidence.push(format!("and {more} more"));
        }
        outcome
    }

    /// One more fact.
    #[must_use]
    pub fn evidence(mut self, line: impl Into<String>) -> Self {
        self.evidence.push(line.into());
        self
    }
}

/// Why a check has no outcome. Neither counts as a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// It must not be run here, or not with what was given.
    Skip(String),
    /// It was run and could not measure.
    Inconclusive(String),
}

impl Stopped {
    /// It must not be run here.
    pub fn skip(reason: impl Into<String>) -> Self {
        Self::Skip(reason.into())
    }

    /// It could not measure.
    pub fn inconclusive(reason: impl Into<String>) -> Self {
        Self::Inconclusive(reason.into())
    }
}

impl From<crate::Error> for Stopped {
    fn from(error: crate::Error) -> Self {
        Self::Inconclusive(error.with_causes())
    }
}

impl From<underpin_db::Error> for Stopped {
    fn from(error: underpin_db::Error) -> Self {
        crate::Error::Db(error).into()
    }
}
