//! A page of the fund book.

use jiff::civil::Date;
use underpin::base::{BadCursor, Cursor, Page, PageQuery, Principal};
use underpin::db::Db;

use crate::{
    Result,
    model::FundId,
    rules::names,
    store::fund_list::{self, After, Filter, Fund, Sort, SortBy, Total},
};

/// What of the fund book is asked for.
#[derive(Debug, Clone)]
pub struct FundQuery {
    /// Limit and cursor.
    pub page: PageQuery,
    /// What the name begins with; empty for all.
    pub prefix: String,
    /// Of which year; of any and of none if none.
    pub vintage: Option<i32>,
    /// In which order.
    pub sort: Sort,
    /// Reports after this date are not counted.
    pub as_of: Date,
}

/// A page of funds and the sums of all that match, one per currency.
#[derive(Debug, Clone)]
pub struct FundPage {
    /// The page.
    pub page: Page<Fund>,
    /// Sums and counts of all funds that match.
    pub totals: Vec<Total>,
}

/// A page of the fund book.
///
/// Keeps: walking the pages of one order meets each fund once, funds without the figure last; what changes meanwhile may move.
/// Errors: [`crate::Error::BadCursor`] for a cursor of another tenant, order, search, vintage or date.
/// Cost: two statements, whatever matches.
pub async fn list_funds(db: &Db, principal: Principal, query: &FundQuery) -> Result<FundPage> {
    let list = list_name(principal, query);
    let after = query.page.cursor.as_ref().map(|cursor| read(cursor, &list)).transpose()?;
    let (after, limit) = (&after, query.page.limit);
    let names = names::prefix_range(&query.prefix);
    let filter = &Filter { as_of: query.as_of, names, vintage: query.vintage };
    let sort = query.sort;
    let (funds, totals) = db
        .transact(principal, |tx, _| {
            Box::pin(async move {
                let limit = i64::from(limit) + 1;
                let funds = fund_list::list(tx, filter, sort, after.as_ref(), limit).await?;
                let totals = fund_list::totals(tx, filter).await?;
                Ok::<_, underpin::db::Error>((funds, totals))
            })
        })
        .await?;
    let page = Page::from_surplus(funds, limit, |last| cursor(last, sort, &list));
    Ok(FundPage { page, totals })
}

fn list_name(principal: Principal, query: &FundQuery) -> String {
    let FundQuery { prefix, vintage, sort, as_of, .. } = query;
    let (sort, vintage) = (sort.name(), vintage.unwrap_or_default());
    format!("{} funds {sort} {as_of} {vintage} {}", principal.tenant, names::key(prefix))
}

fn cursor(fund: &Fund, sort: Sort, list: &str) -> Cursor {
    let (missing, figure) = &fund.place;
    let figure = if sort.by == SortBy::Name { &fund.name_key } else { figure };
    let missing = if *missing { "1" } else { "0" };
    Cursor::new(list, &[missing, figure, &fund.id.to_string()])
}

fn read(cursor: &Cursor, list: &str) -> Result<After, BadCursor> {
    let [missing, figure, id] = cursor.parts(list)?;
    let id: FundId = id.parse().map_err(|_| BadCursor)?;
    Ok(After { missing: missing == "1", figure, id })
}
