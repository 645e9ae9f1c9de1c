//! A page of investors.

use jiff::civil::Date;
use underpin::base::{Page, PageQuery, Principal};
use underpin::db::Db;

use underpin::base::Cursor;

use crate::{
    Result,
    store::{
        fund_list::Total,
        investor_list::{self, Investor},
    },
};

/// A page of investors by name and the sums of all.
#[derive(Debug, Clone)]
pub struct InvestorPage {
    /// The page.
    pub page: Page<Investor>,
    /// Sums over all investors, one per currency.
    pub totals: Vec<Total>,
    /// How many investors there are.
    pub count: i64,
}

/// A page of investors by name, with the latest reports not later than a date.
///
/// Errors: [`crate::Error::BadCursor`] for a cursor of another tenant or date. Cost: three statements.
pub async fn list_investors(
    db: &Db,
    principal: Principal,
    page: &PageQuery,
    as_of: Date,
) -> Result<InvestorPage> {
    let list = format!("{} investors {as_of}", principal.tenant);
    let after = page.cursor.as_ref().map(|cursor| cursor.parts::<1>(&list)).transpose()?;
    let after = &after.map_or_else(String::new, |[name]| name);
    let limit = page.limit;
    let (investors, (totals, count)) = db
        .transact(principal, |tx, _| {
            Box::pin(async move {
                let limit = i64::from(limit) + 1;
                let investors = investor_list::list(tx, as_of, after, limit).await?;
                let totals = investor_list::totals(tx, as_of).await?;
                Ok::<_, underpin::db::Error>((investors, totals))
            })
        })
        .await?;
    let page = Page::from_surplus(investors, limit, |last| Cursor::new(&list, &[&last.name_key]));
    Ok(InvestorPage { page, totals, count })
}
