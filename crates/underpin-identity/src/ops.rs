//! One use case per file: the only place that mixes rules and store.

pub(crate) mod accept_invite;
pub(crate) mod answer_challenge;
pub(crate) mod api_keys;
mod authenticate;
mod change_password;
pub(crate) mod create_invite;
mod invites;
mod members;
pub(crate) mod provision;
pub(crate) mod purge_tenant;
mod resets;
pub(crate) mod second_factor;
mod sessions;
pub(crate) mod sign_in;
pub(crate) mod sweep;
mod throttle;
pub(crate) mod trail;
