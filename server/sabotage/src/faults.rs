//! The faults, one a file.

mod broadcast_to_all;
mod fence_off;
mod headers_lax;
mod index_dropped;
mod indexes_astray;
mod jobs_lost;
mod keys_counted;
mod keys_ignored;
mod lint_off;
mod list_asks_each;
mod migrate_unlocked;
mod n_plus_one;
mod origins_echoed;
mod policy_dropped;
mod rls_off;
mod rows_fat;
mod secrets_logged;
mod sessions_cached;
mod sums_as_floats;
mod upload_buffered;

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
    broadcast_to_all::FAULT,
    upload_buffered::FAULT,
    secrets_logged::FAULT,
    migrate_unlocked::FAULT,
    jobs_lost::FAULT,
    fence_off::FAULT,
    n_plus_one::FAULT,
    sums_as_floats::FAULT,
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
