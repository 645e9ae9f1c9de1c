//! Somebody changes an allocation, or what is reported of it at a date.

use jiff::Timestamp;
use underpin::base::Currency;
use underpin::db::Tx;

use crate::{
    Error, Result, events,
    model::AllocationId,
    rules::entry::{self, Faults, ReportEntry},
    store::{
        allocation::{self, Allocation},
        funds,
        movements::{self, Sign},
    },
};

/// What is to change of an allocation; absent stays.
#[derive(Debug, Clone, Default)]
pub struct AllocationChange {
    /// Which deal.
    pub deal_ref: Option<String>,
    /// Which part of it.
    pub tranche: Option<i32>,
    /// What is reported at a date, in place of what was.
    pub report: Option<ReportEntry>,
}

/// Change an allocation if it and its reports are still what the person saw.
///
/// Input: `seen` is [`Allocation::tag`] of the allocation that was read.
/// Effects: the allocation with the next version, the report, the fund's movements, `allocation.changed` for the staff and for each
/// person of the investor.
/// Errors: [`Error::NoAllocation`], [`Error::VersionConflict`], [`Error::Entered`], [`Error::AllocationExists`].
/// Cost: locks fund, allocation, reports in this order, which is also that of an import.
pub async fn update_allocation(
    tx: &mut Tx,
    id: AllocationId,
    seen: &str,
    change: &AllocationChange,
    at: Timestamp,
) -> Result<Allocation> {
    if change.deal_ref.is_none() && change.tranche.is_none() && change.report.is_none() {
        return Err(entry::nothing());
    }
    let missing = Error::NoAllocation(id);
    let Some(fund) = allocation::find_fund(tx, id).await? else { return Err(missing) };
    let Some(fund) = funds::lock(tx, fund).await? else { return Err(missing) };
    let tag = allocation::lock(tx, id).await?.ok_or(missing)?;
    if tag != seen {
        return Err(Error::VersionConflict);
    }
    let mut faults = Faults::default();
    let deal_ref = change.deal_ref.as_deref().map(|text| entry::deal_ref("deal_ref", text));
    let deal_ref = deal_ref.and_then(|read| faults.check(read));
    let tranche = change.tranche.map(|number| entry::tranche("tranche", number));
    let tranche = tranche.and_then(|read| faults.check(read));
    let currency: Option<Currency> = faults.check(entry::currency("currency", &fund.currency));
    let report = change.report.as_ref().zip(currency);
    let report =
        report.and_then(|(entered, currency)| entry::report(&mut faults, entered, currency));
    faults.end()?;
    allocation::update(tx, id, deal_ref.as_deref(), tranche).await?;
    if let Some((as_of, amounts)) = report {
        movements::add(tx, fund.id, id, Sign::Take).await?;
        allocation::upsert_report(tx, id, as_of, &amounts, at).await?;
        movements::add(tx, fund.id, id, Sign::Add).await?;
    }
    let made = allocation::get(tx, id).await?;
    events::allocation_changed(tx, &made, at).await?;
    Ok(made)
}
