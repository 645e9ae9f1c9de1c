//! One use case per file: the only place that mixes rules and store.

pub(crate) mod accept_invite;
mod authenticate;
mod change_password;
pub(crate) mod create_invite;
mod invites;
mod members;
pub(crate) mod provision;
mod sessions;
pub(crate) mod sign_in;
pub(crate) mod sweep;
mod throttle;
