//! Somebody deletes an allocation.

use jiff::Timestamp;
use underpin::db::Tx;

use crate::{
    Error, Result,
    events::{self, There},
    model::AllocationId,
    store::{
        allocation, deleted, funds,
        movements::{self, Sign},
    },
};

/// Delete an allocation, if it and its reports are still what the person saw.
///
/// Input: `seen` is the tag of the allocation that was read. The scope is [`underpin::db::Scope::Deleted`].
/// Effects: the allocation deleted, taken out of its fund's movements; `allocation.deleted` for the staff and for each person of the
/// investor.
/// Errors: [`Error::NoAllocation`], [`Error::VersionConflict`].
/// Cost: locks fund, allocation, reports, imports in this order, which is also that of an import.
pub async fn delete_allocation(
    tx: &mut Tx,
    id: AllocationId,
    seen: &str,
    at: Timestamp,
) -> Result<()> {
    let missing = Error::NoAllocation(id);
    let Some(fund) = allocation::find_fund(tx, id).await? else { return Err(missing) };
    let Some(fund) = funds::lock(tx, fund).await? else { return Err(missing) };
    let tag = allocation::lock(tx, id).await?.ok_or(missing)?;
    if tag != seen {
        return Err(Error::VersionConflict);
    }
    let mut gone = allocation::get(tx, id).await?;
    movements::add(tx, fund.id, id, Sign::Take).await?;
    gone.version = deleted::delete_allocation(tx, id, at).await?;
    movements::delete_bare(tx, fund.id, id).await?;
    deleted::tell_imports(tx).await?;
    events::allocation_there(tx, &gone, There::Deleted, at).await
}
