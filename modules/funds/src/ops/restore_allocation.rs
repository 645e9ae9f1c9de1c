//! Somebody brings an allocation back.

use jiff::Timestamp;
use underpin::db::Tx;

use crate::{
    Error, Result,
    events::{self, There},
    model::AllocationId,
    store::{
        allocation::{self, Allocation},
        deleted, funds,
        movements::{self, Sign},
    },
};

/// Bring back an allocation that was deleted after `since`.
///
/// Input: the scope is [`underpin::db::Scope::Deleted`].
/// Effects: the allocation with its next version, in its fund's movements again; `allocation.restored` for the staff and for each person
/// of the investor.
/// Errors: [`Error::NoAllocation`] if it is not there or not deleted, [`Error::ParentDeleted`] if its fund or its investor is deleted,
/// [`Error::AllocationExists`] if another has its place by now.
/// Cost: changes to one fund's allocations wait for each other.
pub async fn restore_allocation(
    tx: &mut Tx,
    id: AllocationId,
    since: Timestamp,
    at: Timestamp,
) -> Result<Allocation> {
    let place = deleted::find_allocation(tx, id, since).await?.ok_or(Error::NoAllocation(id))?;
    let Some(fund) = funds::lock(tx, place.fund).await? else { return Err(Error::ParentDeleted) };
    if !deleted::hold_investor(tx, place.investor).await? {
        return Err(Error::ParentDeleted);
    }
    deleted::restore_allocation(tx, id).await?;
    movements::add(tx, fund.id, id, Sign::Add).await?;
    let restored = allocation::get(tx, id).await?;
    events::allocation_there(tx, &restored, There::Restored, at).await?;
    Ok(restored)
}
