//! One fund at a date.

use jiff::civil::Date;
use underpin::base::Principal;
use underpin::db::Db;

use crate::{
    Error, Result,
    model::FundId,
    store::dashboard::{self, Dashboard},
};

/// A fund at a date: sums, investors, history, as far as the principal may see them.
///
/// Keeps: allocations count by their latest report not later than the date; an empty cell adds nothing.
/// Errors: [`Error::NoFund`]. Cost: one statement in one round trip, whatever the fund has.
pub async fn get_dashboard(
    db: &Db,
    principal: Principal,
    fund: FundId,
    as_of: Date,
) -> Result<Dashboard> {
    dashboard::find(db, principal, fund, as_of).await?.ok_or(Error::NoFund(fund))
}
