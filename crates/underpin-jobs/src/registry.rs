//! What this build knows how to do.

use std::{collections::BTreeMap, pin::Pin, sync::Arc, time::Duration};

use crate::{
    Error, Fault, Job, Run, Schedule,
    run::{Shared, Sweep},
    schedule,
};

/// A handler with its job's type erased.
pub(crate) type Handler = Arc<
    dyn Fn(Arc<Shared>) -> Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>> + Send + Sync,
>;

/// One kind: its handler and the longest run of one attempt.
#[derive(Clone)]
pub(crate) struct Kind {
    pub(crate) handler: Handler,
    pub(crate) timeout: Duration,
}

/// The kinds of jobs and the schedules of this build. A worker claims nothing else, so jobs of a newer build wait for it.
#[derive(Clone, Default)]
pub struct Registry {
    kinds: BTreeMap<String, Kind>,
    schedules: Vec<Schedule>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("kinds", &self.kinds()).finish_non_exhaustive()
    }
}

impl Registry {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Know a kind of job.
    ///
    /// Panics: if the kind is known already; two handlers for one name are a fault of the program.
    pub fn register<J: Job>(&mut self, context: J::Context) {
        let handler: Handler = Arc::new(move |shared| {
            let context = context.clone();
            Box::pin(async move {
                let job = J::deserialize(&shared.claim.payload).map_err(|source| {
                    Error::Decode { what: format!("payload of {}", J::KIND), source }
                })?;
                job.run(context, Run::new(shared)?).await
            })
        });
        self.insert(J::KIND.to_owned(), Kind { handler, timeout: J::TIMEOUT });
    }

    /// Know a schedule: any worker of this build may fire it and run its sweep.
    ///
    /// Panics: if the name is known already.
    pub fn schedule(&mut self, schedule: Schedule) {
        let (sweep, name) = (Arc::clone(&schedule.sweep), schedule.name);
        let handler: Handler = Arc::new(move |shared| {
            let sweep = Arc::clone(&sweep);
            Box::pin(async move { schedule::run(name, &*sweep, Sweep::new(shared)).await })
        });
        self.insert(schedule.kind(), Kind { handler, timeout: schedule.timeout });
        self.schedules.push(schedule);
    }

    pub(crate) fn insert(&mut self, name: String, kind: Kind) {
        assert!(!self.kinds.contains_key(&name), "job kind {name} is registered twice");
        self.kinds.insert(name, kind);
    }

    pub(crate) fn get(&self, kind: &str) -> Option<&Kind> {
        self.kinds.get(kind)
    }

    pub(crate) fn schedules(&self) -> &[Schedule] {
        &self.schedules
    }

    /// The names of all kinds, schedules among them.
    pub fn kinds(&self) -> Vec<String> {
        self.kinds.keys().cloned().collect()
    }
}
