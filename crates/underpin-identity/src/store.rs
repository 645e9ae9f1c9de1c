//! SQL, one file per table family. Nothing outside of this folder writes any.

pub(crate) mod attempts;
pub(crate) mod invites;
pub(crate) mod members;
pub(crate) mod sessions;
pub(crate) mod tenants;
pub(crate) mod users;
