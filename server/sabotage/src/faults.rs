//! The faults, one a file.

mod broadcast_to_all;
mod connections_kept;
mod connections_leaked;
mod deleted_rows_seen;
mod digest_untrue;
mod direct_believed;
mod drain_abrupt;
mod events_lost;
mod fence_off;
mod headers_lax;
mod index_dropped;
mod indexes_astray;
mod jobs_lost;
mod jobs_outside;
mod jobs_without_trace;
mod keys_counted;
mod keys_ignored;
mod lint_off;
mod list_asks_each;
mod log_awaited;
mod memory_unbounded;
mod metrics_public;
mod migrate_unlocked;
mod minute_silent;
mod n_plus_one;
mod names_kept_forever;
mod operators_open;
mod origins_echoed;
mod panic_aborts;
mod policy_dropped;
mod pool_clamped;
mod pool_floor;
mod pool_waits;
mod ready_always;
mod retries_even;
mod rls_off;
mod rows_fat;
mod secrets_logged;
mod sessions_cached;
mod sessions_looked_up;
mod skips_silent;
mod slow_unseen;
mod statements_unbounded;
mod sums_as_floats;
mod traceparent_dropped;
mod unknown_settings_ignored;
mod upload_blocks;
mod upload_buffered;
mod uploads_unbounded;
mod writes_in_turn;

use underpin_server::Build;

/// One broken promise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    /// As a check names it.
    pub(crate) name: &'static str,
    /// What is broken.
    pub(crate) what: &'static str,
    /// Puts it around the server.
    pub(crate) put_into: fn(Build) -> Build,
}

/// Every fault.
pub(crate) const ALL: &[Fault] = &[
    rls_off::FAULT,
    policy_dropped::FAULT,
    names_kept_forever::FAULT,
    keys_counted::FAULT,
    indexes_astray::FAULT,
    index_dropped::FAULT,
    rows_fat::FAULT,
    headers_lax::FAULT,
    origins_echoed::FAULT,
    list_asks_each::FAULT,
    lint_off::FAULT,
    keys_ignored::FAULT,
    sessions_cached::FAULT,
    sessions_looked_up::FAULT,
    broadcast_to_all::FAULT,
    upload_buffered::FAULT,
    uploads_unbounded::FAULT,
    digest_untrue::FAULT,
    direct_believed::FAULT,
    jobs_outside::FAULT,
    retries_even::FAULT,
    upload_blocks::FAULT,
    skips_silent::FAULT,
    secrets_logged::FAULT,
    operators_open::FAULT,
    memory_unbounded::FAULT,
    writes_in_turn::FAULT,
    traceparent_dropped::FAULT,
    jobs_without_trace::FAULT,
    log_awaited::FAULT,
    events_lost::FAULT,
    metrics_public::FAULT,
    slow_unseen::FAULT,
    minute_silent::FAULT,
    panic_aborts::FAULT,
    migrate_unlocked::FAULT,
    ready_always::FAULT,
    drain_abrupt::FAULT,
    connections_leaked::FAULT,
    jobs_lost::FAULT,
    fence_off::FAULT,
    n_plus_one::FAULT,
    unknown_settings_ignored::FAULT,
    pool_clamped::FAULT,
    pool_floor::FAULT,
    connections_kept::FAULT,
    statements_unbounded::FAULT,
    pool_waits::FAULT,
    sums_as_floats::FAULT,
    deleted_rows_seen::FAULT,
];

/// The fault of a name.
pub(crate) fn find(name: &str) -> Option<Fault> {
    ALL.iter().find(|fault| fault.name == name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_a_fault_of_its_own_and_every_fault_a_check() {
        let mut named: Vec<_> =
            underpin_server::platform().checks().iter().map(|check| check.fault).collect();
        named.sort_unstable();
        let mut known: Vec<_> = ALL.iter().map(|fault| fault.name).collect();
        known.sort_unstable();
        assert_eq!(named, known);
        known.dedup();
        assert_eq!(known.len(), ALL.len());
    }
}
