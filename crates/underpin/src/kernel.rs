//! What the kernel itself owns and does at intervals.

use std::time::Duration;

use underpin_db::{Component, Statement};
use underpin_jobs::{Fault, Registry, Schedule};

use crate::Parts;

/// The kernel's components in the order of migration: a later one may reference the keys of an earlier one.
pub(crate) const COMPONENTS: [Component; 7] = [
    underpin_db::COMPONENT,
    underpin_log::COMPONENT,
    underpin_identity::COMPONENT,
    underpin_jobs::COMPONENT,
    underpin_mail::COMPONENT,
    underpin_files::COMPONENT,
    underpin_http::COMPONENT,
];

/// An object so old that no row speaks of is nobody's: far older than the longest body may take.
const ORPHANED: Duration = Duration::from_hours(6);

/// The kernel's statements.
pub(crate) fn statements() -> Vec<&'static Statement> {
    let mut statements = underpin_db::statements();
    statements.extend(underpin_log::statements());
    statements.extend(underpin_identity::statements());
    statements.extend(underpin_jobs::statements());
    statements.extend(underpin_mail::statements());
    statements.extend(underpin_files::statements());
    statements.extend(underpin_http::statements());
    statements.extend(underpin_audit::statements());
    statements
}

/// Mails older than this are deleted, sent or not.
const MAIL_KEPT: Duration = Duration::from_hours(30 * 24);
/// Mails that one sweep deletes.
const MAIL_BATCH: i64 = 10_000;

/// The kernel's jobs: mails, and what follows a request about an account.
pub(crate) fn register(registry: &mut Registry, parts: &Parts) {
    underpin_identity::register(registry, &parts.identity);
    if let Some(mailer) = parts.identity.mailer() {
        underpin_mail::register(registry, mailer);
    }
}

/// The kernel's sweepers: sessions and invites, uploads, kept answers, and what the log and the queue keep.
pub(crate) fn schedules(parts: &Parts) -> Vec<Schedule> {
    let (identity, uploads) = (parts.identity.clone(), parts.uploads.clone());
    let mut schedules = underpin_jobs::housekeeping();
    schedules.push(Schedule::new("identity.sweep", Duration::from_mins(10), move |_| {
        let identity = identity.clone();
        async move { identity.sweep().await.map(|_| ()).map_err(Fault::retry) }
    }));
    schedules.push(Schedule::new("files.sweep", Duration::from_mins(10), move |_| {
        let uploads = uploads.clone();
        async move { uploads.sweep().await.map(|_| ()).map_err(Fault::retry) }
    }));
    // Reads the list of all objects.
    let uploads = parts.uploads.clone();
    schedules.push(
        Schedule::new("files.orphans", Duration::from_hours(12), move |_| {
            let uploads = uploads.clone();
            async move { uploads.sweep_orphans(ORPHANED).await.map(|_| ()).map_err(Fault::retry) }
        })
        .timeout(Duration::from_hours(1)),
    );
    if let Some(mailer) = parts.identity.mailer() {
        let (mailer, clock) = (mailer.clone(), parts.clock.clone());
        schedules.push(Schedule::new("mail.sweep", Duration::from_hours(1), move |_| {
            let (mailer, before) = (mailer.clone(), clock.now() - MAIL_KEPT);
            async move { mailer.sweep(before, MAIL_BATCH).await.map(|_| ()).map_err(Fault::retry) }
        }));
    }
    let (db, clock) = (parts.db.clone(), parts.clock.clone());
    schedules.push(Schedule::new("http.sweep", Duration::from_mins(10), move |_| {
        let (db, now) = (db.clone(), clock.now());
        async move { underpin_http::sweep_answers(&db, now).await.map(|_| ()).map_err(Fault::retry) }
    }));
    schedules
}
