//! The steps of a request or job in their order, as a trace shows them.

use std::{
    panic::Location,
    time::{Duration, Instant},
};

use underpin_base::{Step, System};

use super::{CURRENT, Watch};

/// Steps of one operation that are kept; the rest is counted.
const STEPS_MAX: usize = 128;

/// What was waited for.
#[derive(Debug, Default)]
pub(super) struct Steps {
    kept: Vec<Step>,
    left_out: u32,
}

/// A step that is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
    pub(super) system: System,
    pub(super) name: &'static str,
    pub(super) site: &'static Location<'static>,
    pub(super) failed: bool,
}

impl Watch {
    /// Take the steps so far, and how many more there were.
    pub fn take_steps(&self) -> (Vec<Step>, u32) {
        let Steps { kept, left_out } = std::mem::take(&mut self.noted().steps);
        (kept, left_out)
    }

    /// Keep a step, if a trace will want it.
    pub(super) fn keep(&self, ended: Ended, started: Instant, took: Duration, rows: Option<u64>) {
        if self.trace.is_none() {
            return;
        }
        let Ended { system, name, site, failed } = ended;
        let after = started.saturating_duration_since(self.began);
        let mut noted = self.noted();
        let Steps { kept, left_out } = &mut noted.steps;
        if kept.len() < STEPS_MAX {
            kept.push(Step { system, name, site, after, took, rows, failed });
        } else {
            *left_out += 1;
        }
    }
}

/// Wait for something elsewhere, as a step of the present request or job.
#[track_caller]
pub fn step<T, E>(
    system: System,
    name: &'static str,
    work: impl Future<Output = Result<T, E>>,
) -> impl Future<Output = Result<T, E>> {
    let site = Location::caller();
    async move {
        let started = Instant::now();
        let outcome = work.await;
        let ended = Ended { system, name, site, failed: outcome.is_err() };
        // Outside of a watch nobody counts.
        let _ = CURRENT.try_with(|watch| watch.keep(ended, started, started.elapsed(), None));
        outcome
    }
}
