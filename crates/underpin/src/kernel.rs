//! What the kernel itself owns and does at intervals.

use std::time::Duration;

use underpin_db::{Component, Statement};
use underpin_jobs::{Fault, Schedule};

use crate::Parts;

/// The kernel's components in the order of migration: a later one may reference the keys of an earlier one.
pub(crate) const COMPONENTS: [Component; 5] = [
    underpin_db::COMPONENT,
    underpin_log::COMPONENT,
    underpin_identity::COMPONENT,
    underpin_jobs::COMPONENT,
    underpin_files::COMPONENT,
];

/// An upload that was begun so long ago will not be used any more: far longer than the longest body may take.
const UPLOAD_FORGOTTEN: Duration = Duration::from_hours(6);

/// The kernel's statements.
pub(crate) fn statements() -> Vec<&'static Statement> {
    let mut statements = underpin_db::statements();
    statements.extend(underpin_log::statements());
    statements.extend(underpin_identity::statements());
    statements.extend(underpin_jobs::statements());
    statements.extend(underpin_files::statements());
    statements.extend(underpin_http::statements());
    statements
}

/// The kernel's sweepers: sessions and invites, uploads, and what the log and the queue keep.
pub(crate) fn schedules(parts: &Parts) -> Vec<Schedule> {
    let (identity, uploads) = (parts.identity.clone(), parts.uploads.clone());
    let mut schedules = underpin_jobs::housekeeping();
    schedules.push(Schedule::new("identity.sweep", Duration::from_mins(10), move |_| {
        let identity = identity.clone();
        async move { identity.sweep().await.map(|_| ()).map_err(Fault::retry) }
    }));
    schedules.push(Schedule::new("files.sweep", Duration::from_mins(10), move |_| {
        let uploads = uploads.clone();
        async move { uploads.sweep(UPLOAD_FORGOTTEN).await.map(|_| ()).map_err(Fault::retry) }
    }));
    schedules
}
