//! One fund.

use jiff::civil::Date;
use underpin::base::Principal;
use underpin::db::Db;

use crate::{
    Error, Result,
    model::FundId,
    store::{
        fund_list::{self, Fund},
        funds,
    },
};

/// A fund with its sums, as far as the principal may see them.
///
/// Errors: [`Error::NoFund`]. Cost: one statement.
pub async fn get_fund(db: &Db, principal: Principal, id: FundId, as_of: Date) -> Result<Fund> {
    fund_list::find(db, principal, id, as_of).await?.ok_or(Error::NoFund(id))
}

/// Whether there is such a fund for the principal. Cost: one statement.
pub(crate) async fn may_see_fund(db: &Db, principal: Principal, id: FundId) -> Result<bool> {
    Ok(funds::is_visible(db, principal, id).await?)
}
