//! Tenants as operators make and remove them: for a customer who begins, and for an audit, which leaves nothing behind.

pub(super) mod create_tenant;
pub(super) mod delete_tenant;
