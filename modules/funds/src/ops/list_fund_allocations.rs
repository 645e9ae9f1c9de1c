//! A page of a fund's allocations.

use jiff::civil::Date;
use underpin::base::{BadCursor, Cursor, Page, PageQuery, Principal};
use underpin::db::Db;

use crate::{
    Error, Result,
    model::{FundId, InvestorId},
    store::{
        fund_allocations::{self, After, Filter, FundAllocation},
        funds,
    },
};

/// What of a fund's allocations is asked for.
#[derive(Debug, Clone)]
pub struct AllocationQuery {
    /// Limit and cursor.
    pub page: PageQuery,
    /// Whose; all if none.
    pub investor: Option<InvestorId>,
    /// Reports after this date are not counted.
    pub as_of: Date,
}

/// A page of a fund's allocations, with the currency of their amounts.
#[derive(Debug, Clone)]
pub struct FundAllocationPage {
    /// The page.
    pub page: Page<FundAllocation>,
    /// The fund's.
    pub currency: String,
}

/// A page of a fund's allocations by investor's name, deal and tranche, those that the principal may see.
///
/// Keeps: walking the pages meets each allocation once; what comes or goes meanwhile moves no other.
/// Errors: [`Error::NoFund`]; [`Error::BadCursor`] for a cursor of another tenant, fund, investor or date.
/// Cost: two statements; the second finds all allocations of the fund by index, and the reports of the page's alone.
pub async fn list_fund_allocations(
    db: &Db,
    principal: Principal,
    fund: FundId,
    query: &AllocationQuery,
) -> Result<FundAllocationPage> {
    let AllocationQuery { page, investor, as_of } = query;
    let whose = investor.map_or_else(String::new, |investor| investor.to_string());
    let list = format!("{} allocations {fund} {whose} {as_of}", principal.tenant);
    let after = page.cursor.as_ref().map(|cursor| read(cursor, &list)).transpose()?;
    let after = &after.unwrap_or_default();
    let filter = Filter { fund, investor: *investor, as_of: *as_of };
    let surplus = page.surplus();
    let (currency, allocations) = db
        .transact(principal, |tx, _| {
            Box::pin(async move {
                let currency = funds::find_currency(tx, fund).await?.ok_or(Error::NoFund(fund))?;
                let allocations = fund_allocations::list(tx, filter, after, surplus).await?;
                Ok::<_, Error>((currency, allocations))
            })
        })
        .await?;
    let page = Page::from_surplus(allocations, page.limit, |last| {
        Cursor::new(&list, &[&last.name_key, &last.deal_ref, &last.tranche.to_string()])
    });
    Ok(FundAllocationPage { page, currency })
}

fn read(cursor: &Cursor, list: &str) -> Result<After, BadCursor> {
    let [name_key, deal_ref, tranche] = cursor.parts(list)?;
    let tranche = tranche.parse().map_err(|_| BadCursor)?;
    Ok(After { name_key, deal_ref, tranche })
}
