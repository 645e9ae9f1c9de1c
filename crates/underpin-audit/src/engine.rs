//! Runs checks, one after another, and leaves nothing behind.

use std::{any::Any, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt as _;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::{Check, Line, Outcome, Proof, Scorecard, Stage, Stopped, Waivers};

/// Longest that one check may take.
const CHECK_MAX: Duration = Duration::from_secs(90);

/// An audit that is about to begin.
#[derive(Debug)]
pub struct Audit {
    /// What the checks may use.
    pub stage: Stage,
    /// What is asked, in this order.
    pub checks: Vec<Check>,
    /// What was proven of this very program; none if nothing was.
    pub proof: Option<Proof>,
    /// Failures that somebody answers for.
    pub waivers: Waivers,
}

/// What an audit came to.
#[derive(Debug)]
pub struct Ended {
    /// Its lines.
    pub scorecard: Scorecard,
    /// What it made and could not take away, with the reasons.
    pub stayed: Vec<String>,
}

impl Audit {
    /// Run every check; `tell` hears of each line as soon as it is there.
    ///
    /// Keeps: what was made is taken away, whatever a check does, and also when `stop` ends the run; a check that panics,
    /// hangs or is stopped is inconclusive.
    pub async fn run(self, stop: &CancellationToken, mut tell: impl FnMut(&Line)) -> Ended {
        let Self { stage, checks, proof, waivers } = self;
        let mut lines = Vec::with_capacity(checks.len());
        for check in &checks {
            let started = Instant::now();
            let ended = tokio::select! {
                biased;
                () = stop.cancelled() => Err(Stopped::inconclusive("the audit was told to end")),
                ended = run_one(check, &stage) => ended,
            };
            let proven = proof.as_ref().is_some_and(|proof| proof.proves(check));
            let line = Line::of(check, ended, proven, started.elapsed());
            let line = line.waived(&waivers);
            tell(&line);
            lines.push(line);
        }
        let stayed = stage.settle().await;
        Ended { scorecard: Scorecard::of(lines), stayed }
    }
}

/// One check to its end: an outcome, or why there is none.
async fn run_one(check: &Check, stage: &Stage) -> Result<Outcome, Stopped> {
    let work = AssertUnwindSafe(async { (check.run)(stage).await }).catch_unwind();
    match timeout(CHECK_MAX, work).await {
        Ok(Ok(ended)) => ended,
        Ok(Err(panic)) => {
            Err(Stopped::inconclusive(format!("the check panicked: {}", words(&panic))))
        }
        Err(_) => {
            let seconds = CHECK_MAX.as_secs();
            Err(Stopped::inconclusive(format!("the check did not end within {seconds} s")))
        }
    }
}

/// What a panic said.
fn words(panic: &Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "without words".to_owned())
}
