//! How long a statement may take, by what it is for.

use std::time::Duration;

tokio::task_local! {
    static CURRENT: Class;
}

/// What statements are run for: it decides how long one may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A request that somebody waits for.
    Web,
    /// A request that reads much, and the platform's own loops.
    Report,
    /// A job.
    Job,
}

impl Class {
    /// Run `work` with the time of this class; work that it spawns has the time of its pool.
    pub fn over<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }

    /// The class of the present work, if it has one.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.try_with(|class| *class).ok()
    }
}

/// Longest run of one statement.
#[derive(Debug, Clone, Copy)]
pub struct StatementTimeouts {
    /// Of [`Class::Web`].
    pub web: Duration,
    /// Of [`Class::Report`].
    pub report: Duration,
    /// Of [`Class::Job`].
    pub job: Duration,
}

impl Default for StatementTimeouts {
    fn default() -> Self {
        let [web, report, job] = [5, 30, 300].map(Duration::from_secs);
        Self { web, report, job }
    }
}

impl StatementTimeouts {
    pub(crate) const fn of(&self, class: Class) -> Duration {
        match class {
            Class::Web => self.web,
            Class::Report => self.report,
            Class::Job => self.job,
        }
    }

    /// What a transaction on a connection of class `opened` must say, if the present work has another time.
    pub(crate) fn to_set(self, opened: Class) -> Option<Duration> {
        let wanted = self.of(Class::current()?);
        (wanted != self.of(opened)).then_some(wanted)
    }
}
