//! SQL, one file per table family. Nothing outside of this folder writes any.

pub(crate) mod access_changes;
pub(crate) mod api_keys;
pub(crate) mod attempts;
pub(crate) mod factors;
pub(crate) mod invites;
pub(crate) mod members;
pub(crate) mod purge;
pub(crate) mod resets;
pub(crate) mod sessions;
pub(crate) mod tenants;
pub(crate) mod trail;
pub(crate) mod users;
