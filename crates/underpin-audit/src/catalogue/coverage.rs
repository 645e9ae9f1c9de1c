//! How the findings stand after a run: what the checks that passed answer, and what is left.

use serde::Serialize;

use super::{Answered, Catalogue, Finding};
use crate::{Line, Severity, Verdict};

/// How a finding stands after a run; of two, the greater is the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// CI holds it on the sources.
    Held,
    /// Every check of the run that names it passed.
    Answered,
    /// No check of the run names it.
    NotAsked,
    /// Nothing answers it yet.
    Planned,
    /// A check that names it did not pass.
    Open,
}

impl Standing {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held by CI",
            Self::Answered => "answered",
            Self::NotAsked => "not asked",
            Self::Planned => "planned",
            Self::Open => "open",
        }
    }
}

/// Counts of the findings, each in one of the last five.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Items {
    /// All that were asked for.
    pub total: usize,
    /// Answered by checks of this run that passed.
    pub answered: usize,
    /// Held by CI on the sources.
    pub held: usize,
    /// Not answered, because a check did not pass.
    pub open: usize,
    /// Of checks that were not run.
    pub not_asked: usize,
    /// Planned.
    pub planned: usize,
}

/// Checks and findings of one severity, each counted as what it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OfSeverity {
    /// Checks of the run.
    pub checks: usize,
    /// Checks that passed.
    pub pass: usize,
    /// Findings of this severity.
    pub items: usize,
    /// Findings that checks of the run answer.
    pub answered: usize,
}

impl Catalogue {
    /// How a finding stands after these checks.
    pub fn standing(&self, finding: &Finding, lines: &[Line]) -> Standing {
        let named = lines.iter().filter(|line| line.seeds.contains(&finding.id.as_str()));
        let asked = named.map(|line| match line.verdict {
            Verdict::Pass => Standing::Answered,
            _ => Standing::Open,
        });
        asked.max().unwrap_or_else(|| match &finding.answer {
            None => Standing::NotAsked,
            Some(Answered::Rule { .. }) => Standing::Held,
            Some(Answered::Plan { .. }) => Standing::Planned,
            Some(Answered::Alias { alias_of }) => {
                let others = alias_of.iter().filter_map(|id| self.find(id));
                let worst = others.map(|other| self.standing(other, lines)).max();
                worst.unwrap_or(Standing::NotAsked)
            }
        })
    }

    /// Count how the findings stand after these checks.
    pub fn items(&self, lines: &[Line]) -> Items {
        let mut items = Items::default();
        for finding in self.iter() {
            items.total += 1;
            *match self.standing(finding, lines) {
                Standing::Held => &mut items.held,
                Standing::Answered => &mut items.answered,
                Standing::NotAsked => &mut items.not_asked,
                Standing::Planned => &mut items.planned,
                Standing::Open => &mut items.open,
            } += 1;
        }
        items
    }

    /// Count the checks and the findings of one severity.
    pub fn of_severity(&self, severity: Severity, lines: &[Line]) -> OfSeverity {
        let mut of = OfSeverity::default();
        for line in lines.iter().filter(|line| line.severity == severity) {
            of.checks += 1;
            of.pass += usize::from(line.verdict == Verdict::Pass);
        }
        for finding in self.iter().filter(|finding| finding.severity == severity) {
            of.items += 1;
            of.answered += usize::from(self.standing(finding, lines) == Standing::Answered);
        }
        of
    }
}
