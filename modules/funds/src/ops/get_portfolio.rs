//! Everything of one currency at a date.

use jiff::civil::Date;
use underpin::base::{Currency, Principal};
use underpin::db::Db;

use crate::{
    Result,
    store::portfolio::{self, Portfolio},
};

/// Everything of one currency at a date, as far as the principal may see it: sums, vintages, investors, history.
///
/// Input: without a currency it is the tenant's; if no fund is in that, the one with most allocations.
/// Cost: one statement in one round trip.
pub async fn get_portfolio(
    db: &Db,
    principal: Principal,
    as_of: Date,
    currency: Option<Currency>,
    tenant_currency: Currency,
) -> Result<Portfolio> {
    let asked = currency.as_ref().map(Currency::code);
    Ok(portfolio::get(db, principal, as_of, asked, tenant_currency.code()).await?)
}
