//! Which checks are asked.

use crate::Check;

/// A wish for some of the checks.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Ids; all if empty.
    pub only: Vec<String>,
    /// Seed findings, of which a check must answer one; all if empty.
    pub seeds: Vec<String>,
}

/// A wish that names what is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// No check has this id.
    #[error("there is no check {0}; there are {1}")]
    Check(String, String),
    /// No check answers this finding.
    #[error("no check answers finding {0}")]
    Seed(String),
}

impl Selection {
    /// The checks that are wished for, in their own order.
    ///
    /// Errors: an id or a finding that no check has; nothing is left out in silence.
    pub fn of(&self, checks: Vec<Check>) -> Result<Vec<Check>, Unknown> {
        if let Some(id) = self.only.iter().find(|id| !checks.iter().any(|c| c.id == **id)) {
            let known: Vec<_> = checks.iter().map(|check| check.id).collect();
            return Err(Unknown::Check(id.clone(), known.join(", ")));
        }
        let answers = |check: &Check, seed: &str| check.seeds.contains(&seed);
        if let Some(seed) = self.seeds.iter().find(|seed| !checks.iter().any(|c| answers(c, seed)))
        {
            return Err(Unknown::Seed(seed.clone()));
        }
        let wanted = |check: &Check| {
            (self.only.is_empty() || self.only.iter().any(|id| id == check.id))
                && (self.seeds.is_empty() || self.seeds.iter().any(|seed| answers(check, seed)))
        };
        Ok(checks.into_iter().filter(wanted).collect())
    }
}
