//! What goes wrong in a process, grouped: a thousand failures of one cause are one thing to look at.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

/// Most bytes of a shape.
const SHAPE_BYTES_MAX: usize = 300;

/// A failure that is ours to mend.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'f> {
    /// A stable name: `panic`, the code of the answer, or that of a job's error.
    pub code: &'f str,
    /// Where in the source it arose, if that is known; of a job's error its kind and the shape of what it says, see [`shape`].
    pub site: Option<&'f str>,
    /// The verb and template of a route, or `job` and its kind.
    pub route: &'f str,
    /// The trace's id.
    pub trace: Option<&'f str>,
}

/// Failures of one code that arose in one place.
#[derive(Debug, Clone)]
pub struct FailureGroup {
    /// The code.
    pub code: String,
    /// Where in the source they arose, or the kind of job and the shape of its error.
    pub site: Option<String>,
    /// Where the last one was met.
    pub route: String,
    /// How many there were since the process began.
    pub count: u64,
    /// The trace of the last one.
    pub last_trace: Option<String>,
    /// When the first one was met.
    pub first_at: SystemTime,
    /// When the last one was met.
    pub last_at: SystemTime,
}

/// The failures of a process by code and place. Cheap to clone; clones share what they know.
#[derive(Debug, Clone, Default)]
pub struct FailureGroups(Arc<Mutex<Vec<FailureGroup>>>);

impl FailureGroups {
    /// Groups that are kept; the one not met for longest makes place for a new one.
    pub const KEPT_MAX: usize = 256;

    /// Count one.
    pub fn note(&self, failure: Failure<'_>) {
        let now = SystemTime::now();
        let last_trace = failure.trace.map(str::to_owned);
        let mut groups = self.groups();
        if let Some(group) = groups.iter_mut().find(|group| group.is_of(&failure)) {
            group.count += 1;
            failure.route.clone_into(&mut group.route);
            (group.last_trace, group.last_at) = (last_trace, now);
            return;
        }
        let group = FailureGroup {
            code: failure.code.to_owned(),
            site: failure.site.map(str::to_owned),
            route: failure.route.to_owned(),
            count: 1,
            last_trace,
            first_at: now,
            last_at: now,
        };
        if groups.len() < Self::KEPT_MAX {
            groups.push(group);
        } else if let Some(oldest) = groups.iter_mut().min_by_key(|group| group.last_at) {
            *oldest = group;
        }
    }

    /// All groups, the last met first.
    pub fn list(&self) -> Vec<FailureGroup> {
        let mut groups = self.groups().clone();
        groups.sort_by_key(|group| std::cmp::Reverse(group.last_at));
        groups
    }

    fn groups(&self) -> MutexGuard<'_, Vec<FailureGroup>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an error says without what varies: a word with a digit in it, and whatever stands in quotes, is `#`. Two errors of one shape most likely
/// have one cause.
pub fn shape(text: &str) -> String {
    let (mut shape, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        let (part, after) = match first {
            '"' | '`' => match rest[1..].find(first) {
                Some(end) => ("#", &rest[end + 2..]),
                None => (&rest[..1], &rest[1..]),
            },
            _ if word(first) => {
                let (part, after) = rest.split_at(rest.find(|c| !word(c)).unwrap_or(rest.len()));
                (if part.contains(|c: char| c.is_ascii_digit()) { "#" } else { part }, after)
            }
            _ => rest.split_at(first.len_utf8()),
        };
        if shape.len() + part.len() > SHAPE_BYTES_MAX {
            break;
        }
        shape.push_str(part);
        rest = after;
    }
    shape
}

impl FailureGroup {
    fn is_of(&self, failure: &Failure<'_>) -> bool {
        self.code == failure.code && self.site.as_deref() == failure.site
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure<'f>(site: &'f str, trace: &'f str) -> Failure<'f> {
        Failure { code: "panic", site: Some(site), route: "GET /a", trace: Some(trace) }
    }

    #[test]
    fn failures_of_one_code_and_place_are_one_group_with_the_last_trace() {
        let groups = FailureGroups::default();
        for trace in ["1", "2", "3"] {
            groups.note(failure("a.rs:1:1", trace));
        }
        groups.note(Failure { code: "internal", route: "GET /b", ..failure("a.rs:1:1", "4") });
        groups.note(failure("a.rs:2:1", "5"));
        let list = groups.list();
        assert_eq!(list.len(), 3);
        let first = list.iter().find(|group| group.count == 3).unwrap();
        assert_eq!((first.code.as_str(), first.last_trace.as_deref()), ("panic", Some("3")));
    }

    #[test]
    fn a_shape_is_what_errors_of_one_cause_have_in_common() {
        for (text, expected) in [
            ("no end after 50 ms", "no end after # ms"),
            ("no fund 0192-ab of \"Harbor 7\": it's gone", "no fund # of #: it's gone"),
            ("key `a b` is \"open", "key # is \"open"),
            ("f\u{fc}nf \u{2192} x1, y", "f\u{fc}nf \u{2192} #, y"),
            ("", ""),
        ] {
            assert_eq!(shape(text), expected);
        }
        assert!(shape(&"\u{e4} ".repeat(1_000)).len() <= SHAPE_BYTES_MAX);
    }

    #[test]
    fn their_number_is_bounded() {
        let groups = FailureGroups::default();
        for line in 0..FailureGroups::KEPT_MAX + 10 {
            groups.note(failure(&format!("a.rs:{line}:1"), "t"));
        }
        let list = groups.list();
        assert_eq!(list.len(), FailureGroups::KEPT_MAX);
        assert!(list.iter().any(|group| group.site.as_deref() == Some("a.rs:265:1")));
    }
}
