//! One fund and who invests in it.

use jiff::civil::Date;
use underpin::base::Principal;
use underpin::db::Db;

use crate::{
    Error, Result,
    model::FundId,
    store::{
        fund_list::{self, Fund, FundAllocation},
        funds,
    },
};

/// Most allocations that are shown with a fund; its sums are over all.
const ALLOCATIONS_MAX: i64 = 1_000;

/// A fund with its sums and its allocations by investor's name, as far as the principal may see them.
///
/// Errors: [`Error::NoFund`]. Cost: two statements at the same time.
pub async fn get_fund(
    db: &Db,
    principal: Principal,
    id: FundId,
    as_of: Date,
) -> Result<(Fund, Vec<FundAllocation>)> {
    let (fund, allocations) = tokio::try_join!(
        fund_list::find(db, principal, id, as_of),
        fund_list::list_allocations(db, principal, id, as_of, ALLOCATIONS_MAX),
    )?;
    Ok((fund.ok_or(Error::NoFund(id))?, allocations))
}

/// Whether there is such a fund for the principal. Cost: one statement.
pub(crate) async fn may_see_fund(db: &Db, principal: Principal, id: FundId) -> Result<bool> {
    Ok(funds::is_visible(db, principal, id).await?)
}
