//! Which statements one request or job runs, how often, and from where.
//!
//! Always on: a count, a duration and a call site per statement. What repeats more than a request should is a finding, which tests turn into a
//! failure: N+1 queries are seen when they are written, not when the data has grown.

use std::{
    collections::HashSet,
    fmt::Write as _,
    hash::{DefaultHasher, Hasher as _},
    panic::Location,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio_postgres::types::ToSql;

use crate::Statement;

/// Runs of one statement from one place, with different parameters, that make it an N+1.
const FAN_OUT_MIN: u32 = 5;
/// Runs of one statement with the same parameters that make it a duplicate.
const DUPLICATE_MIN: u32 = 3;
/// Statements of one watch that make it chatty.
const CHATTY_MIN: u32 = 20;

tokio::task_local! {
    static CURRENT: Arc<Watch>;
}

/// Watches the statements of one request or job. Cheap enough to be always on.
#[derive(Debug, Default)]
pub struct Watch {
    seen: Mutex<Vec<Seen>>,
    allowed: Mutex<Option<&'static str>>,
}

/// The runs of one statement from one place.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The statement.
    pub statement: &'static Statement,
    /// Where it was called.
    pub site: &'static Location<'static>,
    /// How often.
    pub runs: u32,
    /// Time until the answers were here, in all.
    pub total: Duration,
    /// Rows that came back or were written, in all.
    pub rows: u64,
    arguments: HashSet<u64>,
}

/// Why a pattern of statements is suspect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    /// One statement ran per item of a list.
    FanOut,
    /// One statement ran again with the same parameters.
    Duplicate,
    /// Very many statements ran.
    Chatty,
}

/// A suspect pattern.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Why it is suspect.
    pub suspicion: Suspicion,
    /// The statement's name; empty for [`Suspicion::Chatty`].
    pub statement: &'static str,
    /// Where it was called from.
    pub site: Option<&'static Location<'static>>,
    /// How often it ran.
    pub runs: u32,
}

impl Watch {
    /// A watch that has seen nothing.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Watch every statement of `work`; work that it spawns is not watched.
    pub async fn over<F: Future>(self: Arc<Self>, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// What ran so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Number of statements and the time they took, in all.
    pub fn totals(&self) -> (u32, Duration) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter()
            .fold((0, Duration::ZERO), |(runs, total), one| (runs + one.runs, total + one.total))
    }

    /// What looks wrong; empty where the request declared its fan-out.
    pub fn findings(&self) -> Vec<Finding> {
        if self.allowed.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Vec::new();
        }
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut findings: Vec<Finding> = seen.iter().filter_map(Seen::finding).collect();
        let runs = seen.iter().map(|one| one.runs).sum();
        if runs >= CHATTY_MIN {
            findings.push(Finding {
                suspicion: Suspicion::Chatty,
                statement: "",
                site: None,
                runs,
            });
        }
        findings
    }

    fn note(&self, statement: &'static Statement, site: &'static Location<'static>, run: &Run) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |one: &&mut Seen| {
            std::ptr::eq(one.statement, statement) && std::ptr::eq(one.site, site)
        };
        if let Some(one) = seen.iter_mut().find(same) {
            one.runs += 1;
            one.total += run.took;
            one.rows += run.rows;
            one.arguments.insert(run.arguments);
        } else {
            let (total, rows) = (run.took, run.rows);
            let arguments = HashSet::from([run.arguments]);
            seen.push(Seen { statement, site, runs: 1, total, rows, arguments });
        }
    }
}

impl Seen {
    fn finding(&self) -> Option<Finding> {
        let distinct = self.arguments.len() as u32;
        let suspicion = if self.runs >= FAN_OUT_MIN && distinct * 5 >= self.runs * 4 {
            Suspicion::FanOut
        } else if self.runs >= DUPLICATE_MIN && distinct == 1 {
            Suspicion::Duplicate
        } else {
            return None;
        };
        let (statement, site) = (self.statement.name, Some(self.site));
        Some(Finding { suspicion, statement, site, runs: self.runs })
    }
}

/// Declare that the present request or job runs a statement per item on purpose, and why.
pub fn allow_fanout(reason: &'static str) {
    // Outside of a watch nobody counts.
    let _ = CURRENT.try_with(|watch| {
        *watch.allowed.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    });
}

/// What one run was.
pub(crate) struct Run {
    took: Duration,
    rows: u64,
    arguments: u64,
}

/// Measures one run; made before it starts.
pub(crate) struct Timer {
    watch: Option<Arc<Watch>>,
    started: std::time::Instant,
    arguments: u64,
}

impl Timer {
    pub(crate) fn start(params: &[&(dyn ToSql + Sync)]) -> Self {
        let watch = CURRENT.try_with(Arc::clone).ok();
        let arguments = if watch.is_some() { fingerprint(params) } else { 0 };
        Self { watch, started: std::time::Instant::now(), arguments }
    }

    pub(crate) fn stop(
        self,
        statement: &'static Statement,
        site: &'static Location<'static>,
        rows: u64,
    ) {
        if let Some(watch) = self.watch {
            let run = Run { took: self.started.elapsed(), rows, arguments: self.arguments };
            watch.note(statement, site, &run);
        }
    }
}

/// A hash of the parameters as they print; long values count by their beginning.
fn fingerprint(params: &[&(dyn ToSql + Sync)]) -> u64 {
    let mut hash = Hashing { hasher: DefaultHasher::new(), left: 512 };
    for param in params {
        // An error here means that enough was written.
        let _ = write!(hash, "{param:?},");
    }
    hash.hasher.finish()
}

struct Hashing {
    hasher: DefaultHasher,
    left: usize,
}

impl std::fmt::Write for Hashing {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let part = &text.as_bytes()[..text.len().min(self.left)];
        self.hasher.write(part);
        self.left -= part.len();
        if self.left == 0 { Err(std::fmt::Error) } else { Ok(()) }
    }
}
