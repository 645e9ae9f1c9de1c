//! Names become ids: remembered, read, or entered.
//!
//! Keys are sorted before they are written, and every chunk writes investors, funds, allocations, reports in this order, so that two
//! imports at once wait for each other and do not deadlock.

use jiff::{Timestamp, civil::Date};
use underpin::db::Tx;

use super::known::View;
use crate::{
    Result,
    model::{AllocationId, Row},
    store::{
        allocations::{self, Pair},
        funds::{self, NewFund},
        investors,
    },
};

/// A row of the chunk, by its index, and the allocation that it reports on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) row: usize,
    pub(super) allocation: AllocationId,
    pub(super) as_of: Date,
}

pub(super) async fn investors(
    tx: &mut Tx,
    view: &mut View<'_>,
    rows: &[Row],
    at: Timestamp,
) -> Result<()> {
    let wanted = |view: &View<'_>| {
        unknown(rows, |row| &row.investor.key, |row| view.investor(&row.investor.key).is_some())
    };
    let missing = keys(&wanted(view), |row| &row.investor.key);
    if missing.is_empty() {
        return Ok(());
    }
    view.learned.investors.extend(investors::list_by_key(tx, &missing).await?);
    let fresh: Vec<_> = wanted(view).iter().map(|row| row.investor.as_ref()).collect();
    if !fresh.is_empty() {
        view.learned.investors.extend(investors::insert(tx, &fresh, at).await?);
    }
    // Only if a rival entered some between our look and our insert; it has committed by now.
    let rest = keys(&wanted(view), |row| &row.investor.key);
    if !rest.is_empty() {
        view.learned.investors.extend(investors::list_by_key(tx, &rest).await?);
    }
    Ok(())
}

pub(super) async fn funds(
    tx: &mut Tx,
    view: &mut View<'_>,
    rows: &[Row],
    at: Timestamp,
) -> Result<()> {
    let wanted = |view: &View<'_>| {
        unknown(rows, |row| &row.fund.key, |row| view.fund(&row.fund.key).is_some())
    };
    let missing = keys(&wanted(view), |row| &row.fund.key);
    if missing.is_empty() {
        return Ok(());
    }
    view.learned.funds.extend(funds::list_by_key(tx, &missing).await?);
    let fresh = wanted(view);
    if !fresh.is_empty() {
        let fresh: Vec<NewFund<'_>> = fresh.into_iter().map(new_fund).collect();
        view.learned.funds.extend(funds::insert(tx, &fresh, at).await?);
    }
    let rest = keys(&wanted(view), |row| &row.fund.key);
    if !rest.is_empty() {
        view.learned.funds.extend(funds::list_by_key(tx, &rest).await?);
    }
    Ok(())
}

/// The fund that its first row describes.
fn new_fund(row: &Row) -> NewFund<'_> {
    NewFund {
        name: &row.fund.text,
        name_key: &row.fund.key,
        currency: row.currency_code(),
        vintage: row.vintage,
        strategy: row.strategy.as_deref(),
        manager: row.manager.as_deref(),
    }
}

/// Rows with their allocations; new ones are entered.
pub(super) async fn allocations(
    tx: &mut Tx,
    view: &mut View<'_>,
    rows: &[Row],
    good: &[usize],
    at: Timestamp,
) -> Result<Vec<Placed>> {
    let wanted = |view: &View<'_>| {
        let pairs = good.iter().filter_map(|row| pair(view, &rows[*row]));
        let mut unknown: Vec<Pair> =
            pairs.filter(|pair| view.allocation(*pair).is_none()).collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    };
    // Most that are not known are new, so the insert is also the look-up.
    let fresh = wanted(view);
    if !fresh.is_empty() {
        view.learned.allocations.extend(allocations::insert(tx, &fresh, at).await?);
        let rest = wanted(view);
        if !rest.is_empty() {
            view.learned.allocations.extend(allocations::list_by_pair(tx, &rest).await?);
        }
    }
    let missing = || underpin::db::Error::NotFound("funds.allocation").into();
    good.iter().map(|row| place(view, rows, *row).ok_or_else(missing)).collect()
}

/// A row with its allocation, if all its names are known.
pub(super) fn place(view: &View<'_>, rows: &[Row], index: usize) -> Option<Placed> {
    let row = &rows[index];
    let allocation = view.allocation(pair(view, row)?)?;
    Some(Placed { row: index, allocation, as_of: row.as_of })
}

fn pair(view: &View<'_>, row: &Row) -> Option<Pair> {
    Some((view.fund(&row.fund.key)?.id, view.investor(&row.investor.key)?))
}

/// The first row of each key that is not known, ordered by key.
fn unknown(
    rows: &[Row],
    key: impl Fn(&Row) -> &String,
    is_known: impl Fn(&Row) -> bool,
) -> Vec<&Row> {
    let mut unknown: Vec<&Row> = rows.iter().filter(|row| !is_known(row)).collect();
    // Stable, so that the first row of the file stays the first of its key.
    unknown.sort_by(|a, b| key(a).cmp(key(b)));
    unknown.dedup_by(|a, b| key(a) == key(b));
    unknown
}

fn keys<'a>(rows: &[&'a Row], key: impl Fn(&'a Row) -> &'a String) -> Vec<&'a str> {
    rows.iter().map(|row| key(row).as_str()).collect()
}
