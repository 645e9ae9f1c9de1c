//! The SQL of jobs and schedules.

use underpin_db::Statement;

pub(crate) mod history;
pub(crate) mod jobs;
pub(crate) mod operate;
pub(crate) mod schedules;
pub(crate) mod workers;

pub(crate) fn statements() -> Vec<&'static Statement> {
    [history::ALL, jobs::ALL, operate::ALL, schedules::ALL, workers::ALL].concat()
}
