//! One allocation with its reports.

use underpin::base::Principal;
use underpin::db::Db;

use crate::{
    Error, Result,
    model::AllocationId,
    store::allocation::{self, Allocation},
};

/// One allocation with all its reports, if the principal may see it.
///
/// Errors: [`Error::NoAllocation`]. Cost: one statement.
pub async fn get_allocation(db: &Db, principal: Principal, id: AllocationId) -> Result<Allocation> {
    allocation::find(db, principal, id).await?.ok_or(Error::NoAllocation(id))
}
