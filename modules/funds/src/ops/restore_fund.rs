//! Somebody brings a fund back.

use jiff::Timestamp;
use underpin::db::Tx;

use crate::{
    Result,
    events::{self, There},
    model::FundId,
    store::{deleted, funds::FundDetails, movements},
};

/// Bring back a fund that was deleted after `since`, with exactly the allocations that went with it.
///
/// Keeps: everything reads as it did before, but for the versions. The fund's movements are computed anew: an import may have been on
/// its way to them. Input: the scope is [`underpin::db::Scope::Deleted`].
/// Effects: the fund and these allocations with their next versions, `fund.restored` for whoever sees it now.
/// Errors: [`crate::Error::NoFund`] if it is not there or not deleted, [`crate::Error::NameTaken`] by another fund,
/// [`crate::Error::ParentDeleted`] if an investor of these allocations was deleted meanwhile.
pub async fn restore_fund(
    tx: &mut Tx,
    id: FundId,
    since: Timestamp,
    at: Timestamp,
) -> Result<FundDetails> {
    let fund = deleted::restore_fund(tx, id, since).await?;
    movements::write(tx, &[id.uuid()]).await?;
    let persons = deleted::fund_persons(tx, id).await?;
    events::fund_there(tx, (id, fund.version), There::Restored, persons, at).await?;
    Ok(fund)
}
