//! Which statements one request or job runs, how often, and from where; and the trace that they belong to.
//!
//! Always on: a count, a duration and a call site per statement, and the steps of a request or job in their order. What repeats more than a request should is a finding, which tests turn into a
//! failure: N+1 queries are seen when they are written, not when the data has grown.

mod findings;
mod steps;
mod timer;

use std::{
    panic::Location,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio_postgres::types::ToSql;
use underpin_base::{System, TenantId, Trace};

use crate::{Scope, Statement};

use steps::{Ended, Steps};

pub use findings::{Findings, Known};
pub use steps::step;
pub(crate) use timer::Timer;

/// Runs of one statement from one place, with different parameters, that make it an N+1.
const FAN_OUT_MIN: u32 = 5;
/// Runs of one statement with the same parameters that make it a duplicate.
const DUPLICATE_MIN: u32 = 3;
/// Statements that make a request chatty.
const CHATTY_MIN: u32 = 20;
/// Runs of one statement whose parameters are compared; a pattern shows long before.
const COMPARED_MAX: u32 = 64;
/// Findings that one watch keeps of the parts that are over.
const SETTLED_MAX: usize = 32;

tokio::task_local! {
    static CURRENT: Arc<Watch>;
}

/// Watches the statements of one request or job. Cheap enough to be always on.
#[derive(Debug)]
pub struct Watch {
    trace: Option<Trace>,
    /// Steps are placed by it.
    began: Instant,
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    /// Of the present part.
    seen: Vec<Seen>,
    /// Of the parts that are over.
    settled: Vec<Finding>,
    statements: u32,
    total: Duration,
    waited: Duration,
    declared: Option<&'static str>,
    tenant: Option<TenantId>,
    steps: Steps,
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
    /// Of the runs from the second to the [`COMPARED_MAX`]th: the hashes of their parameters, each once. A statement that runs once, as
    /// nearly all do, costs no hash.
    arguments: Vec<u64>,
}

/// Why a pattern of statements is suspect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Suspicion {
    /// One statement ran per item of a list.
    FanOut,
    /// One statement ran again with the same parameters.
    Duplicate,
    /// Very many statements ran.
    Chatty,
}

impl Suspicion {
    /// The name in JSON and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FanOut => "fan_out",
            Self::Duplicate => "duplicate",
            Self::Chatty => "chatty",
        }
    }
}

/// A suspect pattern.
#[derive(Debug, Clone, Copy)]
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

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { suspicion, statement, site, runs } = self;
        write!(f, "{} of {runs} statements {statement}", suspicion.as_str())?;
        site.map_or(Ok(()), |site| write!(f, " at {site}"))
    }
}

impl Watch {
    /// A watch that has seen nothing and belongs to no trace.
    pub fn new() -> Arc<Self> {
        Self::of(None)
    }

    /// A watch whose statements, events and jobs say that they belong to a trace.
    pub fn traced(trace: Trace) -> Arc<Self> {
        Self::of(Some(trace))
    }

    fn of(trace: Option<Trace>) -> Arc<Self> {
        Arc::new(Self { trace, began: Instant::now(), noted: Mutex::default() })
    }

    /// The trace that it belongs to.
    pub const fn trace(&self) -> Option<Trace> {
        self.trace
    }

    /// Watch every statement of `work`; work that it spawns is not watched.
    pub fn over<F: Future>(self: Arc<Self>, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }

    /// What ran so far, in the present part.
    pub fn seen(&self) -> Vec<Seen> {
        self.noted().seen.clone()
    }

    /// Number of statements and the time they took, in all.
    pub fn totals(&self) -> (u32, Duration) {
        let noted = self.noted();
        (noted.statements, noted.total)
    }

    /// How long it waited for connections, in all.
    pub fn waited(&self) -> Duration {
        self.noted().waited
    }

    /// Why the request repeats statements on purpose, if it said so.
    pub fn declared(&self) -> Option<&'static str> {
        self.noted().declared
    }

    /// What looks wrong; empty where the request declared its fan-out.
    pub fn findings(&self) -> Vec<Finding> {
        let noted = self.noted();
        if noted.declared.is_some() { Vec::new() } else { noted.findings() }
    }

    /// What repeats, declared or not.
    pub fn repeats(&self) -> Vec<Finding> {
        self.noted().findings()
    }

    /// The tenant that a transaction was opened for, the last one if there were several.
    pub fn tenant(&self) -> Option<TenantId> {
        self.noted().tenant
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, run: &Run<'_>) {
        let Run { statement, site, started, took, rows, .. } = *run;
        let ended = Ended { system: System::Database, name: statement.name, site, failed: false };
        self.keep(ended, started, took, Some(rows));
        let mut noted = self.noted();
        noted.statements += 1;
        noted.total += run.took;
        for one in &mut noted.seen {
            if std::ptr::eq(one.statement, run.statement) && one.site == run.site {
                return one.again(run);
            }
        }
        noted.seen.push(Seen::first(run));
    }
}

impl Noted {
    fn findings(&self) -> Vec<Finding> {
        let mut findings = self.settled.clone();
        findings.extend(self.seen.iter().filter_map(Seen::finding));
        let runs = self.seen.iter().map(|one| one.runs).sum();
        if runs >= CHATTY_MIN {
            let (suspicion, statement, site) = (Suspicion::Chatty, "", None);
            findings.push(Finding { suspicion, statement, site, runs });
        }
        findings
    }

    fn settle(&mut self) {
        self.settled = self.findings();
        self.settled.truncate(SETTLED_MAX);
        self.seen.clear();
    }
}

impl Seen {
    const fn first(run: &Run<'_>) -> Self {
        let Run { statement, site, took: total, rows, .. } = *run;
        Self { statement, site, runs: 1, total, rows, arguments: Vec::new() }
    }

    fn again(&mut self, run: &Run<'_>) {
        if self.runs < COMPARED_MAX {
            let arguments = timer::fingerprint(run.params);
            if !self.arguments.contains(&arguments) {
                self.arguments.push(arguments);
            }
        }
        self.runs += 1;
        self.total += run.took;
        self.rows += run.rows;
    }

    fn finding(&self) -> Option<Finding> {
        let (compared, distinct) = (self.runs.min(COMPARED_MAX) - 1, self.arguments.len() as u32);
        let suspicion = if self.runs >= FAN_OUT_MIN && distinct * 5 >= compared * 4 {
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

/// What one run was.
struct Run<'p> {
    statement: &'static Statement,
    params: &'p [&'p (dyn ToSql + Sync)],
    site: &'static Location<'static>,
    started: Instant,
    took: Duration,
    rows: u64,
}

/// Declare that the present request or job runs a statement per item on purpose, and why.
pub fn allow_fanout(reason: &'static str) {
    // Outside of a watch nobody counts.
    let _ = CURRENT.try_with(|watch| watch.noted().declared = Some(reason));
}

/// Judge what follows by itself: the parts of a long job, each a commit, are no repeats of each other.
pub fn settle() {
    let _ = CURRENT.try_with(|watch| watch.noted().settle());
}

/// Note for whom the present request or job opens a transaction.
pub(crate) fn note_scope(scope: &Scope) {
    if let Some(principal) = scope.principal() {
        let _ = CURRENT.try_with(|watch| watch.noted().tenant = Some(principal.tenant));
    }
}

/// Note that the present request or job waited for a connection.
pub(crate) fn waited(wait: Duration) {
    let _ = CURRENT.try_with(|watch| watch.noted().waited += wait);
}

/// The trace of the present request or job.
pub fn trace() -> Option<Trace> {
    CURRENT.try_with(|watch| watch.trace).ok().flatten()
}
