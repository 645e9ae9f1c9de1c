//! The suspect patterns that a process has met, for its operator.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use underpin_base::Trace;

use super::{Finding, Watch};

/// The suspect patterns of a process, each once with how often it was met.
#[derive(Debug, Default)]
pub struct Findings(Mutex<Vec<Known>>);

/// A pattern that was met.
#[derive(Debug, Clone)]
pub struct Known {
    /// The verb and template of a route, or the kind of a job.
    pub place: String,
    /// What it was the last time, with the most runs of any time.
    pub finding: Finding,
    /// Why it is on purpose, if the place said so.
    pub declared: Option<&'static str>,
    /// Requests or jobs in which it was met.
    pub count: u64,
    /// The trace of the last one.
    pub last_trace: Option<String>,
    /// When that was.
    pub last_at: SystemTime,
}

impl Findings {
    /// Patterns that are kept; the one not met for longest makes place for a new one.
    pub const KEPT_MAX: usize = 256;

    /// Keep and log what a request or job at some place repeated. Returns what it did not declare.
    pub fn note(&self, watch: &Watch, place: impl FnOnce() -> String) -> Vec<Finding> {
        let repeats = watch.repeats();
        if repeats.is_empty() {
            return repeats;
        }
        let place = place();
        let declared = watch.declared();
        let trace = watch.trace().map(Trace::trace_id);
        for finding in &repeats {
            log(&place, finding, declared);
            self.keep(&place, *finding, declared, trace.clone());
        }
        if declared.is_some() { Vec::new() } else { repeats }
    }

    /// What was met, the last first.
    pub fn list(&self) -> Vec<Known> {
        let mut known = self.known().clone();
        known.sort_by_key(|one| std::cmp::Reverse(one.last_at));
        known
    }

    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(
        &self,
        place: &str,
        finding: Finding,
        declared: Option<&'static str>,
        last_trace: Option<String>,
    ) {
        let last_at = SystemTime::now();
        let mut known = self.known();
        if let Some(one) = known.iter_mut().find(|one| one.is(place, &finding)) {
            let runs = one.finding.runs.max(finding.runs);
            one.finding = Finding { runs, ..finding };
            one.count += 1;
            (one.declared, one.last_trace, one.last_at) = (declared, last_trace, last_at);
            return;
        }
        let place = place.to_owned();
        let one = Known { place, finding, declared, count: 1, last_trace, last_at };
        if known.len() < Self::KEPT_MAX {
            known.push(one);
        } else if let Some(oldest) = known.iter_mut().min_by_key(|one| one.last_at) {
            *oldest = one;
        }
    }
}

impl Known {
    fn is(&self, place: &str, finding: &Finding) -> bool {
        let (a, b) = (&self.finding, finding);
        self.place == place
            && a.suspicion == b.suspicion
            && a.statement == b.statement
            && a.site == b.site
    }
}

fn log(place: &str, finding: &Finding, declared: Option<&str>) {
    let suspicion = finding.suspicion.as_str();
    let site = finding.site.map(ToString::to_string);
    let (statement, runs) = (finding.statement, finding.runs);
    if declared.is_some() {
        tracing::debug!(
            place,
            suspicion,
            statement,
            site,
            runs,
            declared,
            "statements repeat on purpose"
        );
    } else {
        tracing::warn!(place, suspicion, statement, site, runs, "statements repeat");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Suspicion;

    fn met(runs: u32) -> Finding {
        Finding { suspicion: Suspicion::FanOut, statement: "test.one", site: None, runs }
    }

    #[test]
    fn a_pattern_is_kept_once_with_its_worst_and_its_last() {
        let findings = Findings::default();
        for runs in [5, 9, 6] {
            findings.keep("/a", met(runs), None, Some(runs.to_string()));
        }
        findings.keep("/b", met(5), Some("few"), None);
        let list = findings.list();
        assert_eq!(list.len(), 2);
        let first = list.iter().find(|one| one.place == "/a").unwrap();
        assert_eq!((first.count, first.finding.runs), (3, 9));
        assert_eq!(first.last_trace.as_deref(), Some("6"));
    }

    #[test]
    fn their_number_is_bounded() {
        let findings = Findings::default();
        for place in 0..Findings::KEPT_MAX + 10 {
            findings.keep(&format!("/{place}"), met(5), None, None);
        }
        let list = findings.list();
        assert_eq!(list.len(), Findings::KEPT_MAX);
        assert!(list.iter().any(|one| one.place == format!("/{}", Findings::KEPT_MAX + 9)));
    }
}
