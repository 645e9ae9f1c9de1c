//! The schedule that removes for good what was deleted long ago.

use std::{sync::Arc, time::Duration};

use underpin::{
    Parts,
    jobs::{Fault, Schedule},
};

use crate::ops::purge_deleted::{Purge, purge_deleted};

/// Most rows of one statement: well below the time that a statement of a job may take.
const BATCH: i64 = 2_000;

/// `funds.purge_deleted`, hourly.
pub(crate) fn schedule(parts: &Parts) -> Schedule {
    let purge = Purge { kept_days: parts.deleted_days, batch: BATCH };
    let clock = Arc::clone(&parts.clock);
    Schedule::new("funds.purge_deleted", Duration::from_hours(1), move |sweep| {
        let now = clock.now();
        async move { purge_deleted(sweep.db(), purge, now).await.map(|_| ()).map_err(Fault::retry) }
    })
}
