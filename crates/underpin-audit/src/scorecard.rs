//! What came of an audit: for people a table, for programs one JSON object.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use serde::Serialize;

use crate::{Catalogue, Check, Items, OfSeverity, Outcome, Severity, Stopped, Waiver, Waivers};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The promise was kept.
    Pass,
    /// It was not.
    Fail,
    /// It could not be measured.
    Inconclusive,
    /// It must not be measured here.
    Skip,
}

impl Verdict {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::Skip => "skip",
        }
    }
}

/// One line of the scorecard.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// The check.
    pub id: &'static str,
    /// The findings that it answers.
    pub seeds: &'static [&'static str],
    /// What a broken promise would mean.
    pub severity: Severity,
    /// How it ended.
    pub verdict: Verdict,
    /// The figure that was judged; none if there is no outcome.
    pub measured: Option<String>,
    /// What had to hold of it.
    pub threshold: &'static str,
    /// Whether the check went red on its fault, in a proof of this very program.
    pub proven: bool,
    /// What was seen, a fact a line; why there is no outcome.
    pub evidence: Vec<String>,
    /// Who answers for the failure; none if nobody does, or there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Waiver>,
    /// What is promised.
    #[serde(skip)]
    pub promise: &'static str,
    /// What was done to the deployment.
    #[serde(skip)]
    pub input: &'static str,
    /// What was looked at.
    #[serde(skip)]
    pub measure: &'static str,
    /// The sabotage that must turn it red.
    #[serde(skip)]
    pub fault: &'static str,
    /// How long it took.
    #[serde(skip)]
    pub took: Duration,
}

impl Line {
    /// The line of a check that ended like this.
    pub fn of(
        check: &Check,
        ended: Result<Outcome, Stopped>,
        proven: bool,
        took: Duration,
    ) -> Self {
        let (verdict, measured, evidence) = match ended {
            Ok(Outcome { passed, measured, evidence }) => {
                let verdict = if passed { Verdict::Pass } else { Verdict::Fail };
                (verdict, Some(measured), evidence)
            }
            Err(Stopped::Skip(reason)) => (Verdict::Skip, None, vec![reason]),
            Err(Stopped::Inconclusive(reason)) => (Verdict::Inconclusive, None, vec![reason]),
        };
        let Check { id, seeds, severity, promise, input, measure, threshold, fault, .. } = *check;
        Self {
            id,
            seeds,
            severity,
            verdict,
            measured,
            threshold,
            proven,
            evidence,
            waiver: None,
            promise,
            input,
            measure,
            fault,
            took,
        }
    }

    /// The line as these waivers leave it: only a failure can be waived.
    #[must_use]
    pub fn waived(self, waivers: &Waivers) -> Self {
        let fails = self.verdict == Verdict::Fail;
        let waiver = waivers.of(self.id).filter(|_| fails).cloned();
        Self { waiver, ..self }
    }

    /// How it ended, in one word.
    pub const fn end(&self) -> &'static str {
        if self.waiver.is_some() { "waived" } else { self.verdict.as_str() }
    }
}

/// Counts of the lines. `unproven` counts lines whatever their verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Promises that were kept.
    pub pass: usize,
    /// Promises that were broken.
    pub fail: usize,
    /// Promises that could not be measured.
    pub inconclusive: usize,
    /// Promises that must not be measured here.
    pub skip: usize,
    /// Checks without a proof that they can fail.
    pub unproven: usize,
}

/// What came of an audit.
#[derive(Debug, Clone, Serialize)]
pub struct Scorecard {
    /// The counts.
    pub score: Score,
    /// Failures that are waived; they are among those that fail.
    pub waived: usize,
    /// Checks and findings of each severity.
    pub severities: BTreeMap<Severity, OfSeverity>,
    /// How the findings stand.
    pub items: Items,
    /// The lines, in the order in which they were run.
    pub checks: Vec<Line>,
}

impl Scorecard {
    /// Count the lines, and the findings that they answer.
    pub fn of(checks: Vec<Line>) -> Self {
        let count = |verdict| checks.iter().filter(|line| line.verdict == verdict).count();
        let score = Score {
            pass: count(Verdict::Pass),
            fail: count(Verdict::Fail),
            inconclusive: count(Verdict::Inconclusive),
            skip: count(Verdict::Skip),
            unproven: checks.iter().filter(|line| !line.proven).count(),
        };
        let catalogue = Catalogue::built_in();
        let of_severity = |severity| (severity, catalogue.of_severity(severity, &checks));
        Self {
            score,
            waived: checks.iter().filter(|line| line.waiver.is_some()).count(),
            severities: Severity::ALL.map(of_severity).into(),
            items: catalogue.items(&checks),
            checks,
        }
    }

    /// 0 if every check passed or its failure is waived, 1 if any other failed, 2 if none failed and some have no outcome, or there are none.
    pub fn exit_code(&self) -> u8 {
        let Score { fail, inconclusive, skip, .. } = self.score;
        match (fail - self.waived, inconclusive + skip) {
            (0, 0) if !self.checks.is_empty() => 0,
            (0, _) => 2,
            _ => 1,
        }
    }

    /// The counts in words: of the checks, and, never one for the other, of the findings.
    pub fn summary(&self) -> String {
        format!("{}\n{}", self.of_checks(), self.of_items())
    }

    fn of_checks(&self) -> String {
        let Score { pass, fail, inconclusive, skip, unproven } = self.score;
        let mut text = format!("{pass} of {} checks pass", self.checks.len());
        for (count, what) in [
            (fail, "fail"),
            (self.waived, "of them waived"),
            (inconclusive, "inconclusive"),
            (skip, "skipped"),
            (unproven, "unproven"),
        ] {
            if count > 0 {
                let _ = write!(text, ", {count} {what}");
            }
        }
        text + &self.each(|of| (of.pass, of.checks))
    }

    fn of_items(&self) -> String {
        let Items { total, answered, held, open, not_asked, planned } = self.items;
        let mut text = format!("they answer {answered} of {total} items");
        text += &self.each(|of| (of.answered, of.items));
        for (count, what) in [
            (held, "held by CI on the sources"),
            (open, "open"),
            (not_asked, "not asked"),
            (planned, "planned"),
        ] {
            if count > 0 {
                let _ = write!(text, "; {count} {what}");
            }
        }
        text
    }

    /// One count of each severity: so many of so many.
    fn each(&self, count: impl Fn(&OfSeverity) -> (usize, usize)) -> String {
        let each = self.severities.iter().map(|(severity, of)| {
            let (some, all) = count(of);
            format!("{severity} {some} of {all}")
        });
        format!(": {}", each.collect::<Vec<_>>().join(", "))
    }
}

impl Line {
    /// The line as people read it; the evidence follows where something is to be seen.
    pub fn to_text(&self) -> String {
        let proven = if self.proven { "proven" } else { "unproven" };
        let seconds = self.took.as_secs_f64();
        let measured = self.measured.as_deref().unwrap_or("-");
        let mut text = format!(
            "{:<12} {:<2} {:<26} {measured}  [{proven}, {seconds:.1} s]",
            self.end(),
            self.severity,
            self.id,
        );
        if let Some(Waiver { owner, reason, until, .. }) = &self.waiver {
            let _ = write!(text, "\n{:16}waived by {owner} until {until}: {reason}", "");
        }
        if matches!(self.verdict, Verdict::Fail | Verdict::Inconclusive) {
            let _ = write!(text, "\n{:16}promise: {}", "", self.promise);
            let _ = write!(text, "\n{:16}must be: {}", "", self.threshold);
        }
        for line in &self.evidence {
            let _ = write!(text, "\n{:16}{line}", "");
        }
        text
    }
}
