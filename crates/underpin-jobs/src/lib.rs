#![doc = include_str!("../README.md")]

mod backoff;
mod crash;
mod enqueue;
mod error;
mod fault;
mod find;
mod job;
mod model;
mod operate;
mod platform;
mod registry;
mod retention;
mod run;
mod runner;
mod schedule;
mod store;

use underpin_db::{Component, Statement, migrations};

pub use crash::crash_point;
pub use enqueue::{Enqueue, Priority, enqueue, enqueue_as};
pub use error::{Error, Result};
pub use fault::Fault;
pub use find::find;
pub use job::Job;
pub use model::{JobError, JobId, JobState, JobView};
pub use operate::{Operator, QueueView, ScheduleView, WorkerView, expire_all_leases};
pub use platform::{PlatformJob, enqueue_platform};
pub use registry::Registry;
pub use retention::{Retention, housekeeping};
pub use run::{Mark, Run, Sweep};
pub use runner::{Runner, RunnerSettings};
pub use schedule::Schedule;

/// The tables of jobs and schedules.
pub const COMPONENT: Component = Component {
    name: "jobs",
    migrations: migrations![
        "0001_jobs",
        "0002_trace",
        "0003_platform_jobs",
        "0004_purge",
        "0005_exceptions",
        "0006_reclaim"
    ],
};

/// The crate's statements, for the test that prepares every statement.
pub fn statements() -> Vec<&'static Statement> {
    store::statements()
}
