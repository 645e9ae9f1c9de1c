//! Somebody enters what an investor promised to a fund.

use jiff::Timestamp;
use underpin::db::Tx;

use crate::{
    Error, Result, events,
    model::{AllocationId, FundId, InvestorId},
    rules::entry::{self, Faults, ReportEntry},
    store::{
        allocation::{self, Allocation, Deal},
        funds,
        movements::{self, Sign},
    },
};

/// What is entered about a new allocation.
#[derive(Debug, Clone)]
pub struct AllocationEntry {
    /// Whose it is.
    pub investor: InvestorId,
    /// Which deal; the unnamed one if absent.
    pub deal_ref: Option<String>,
    /// Which part of it; the first if absent.
    pub tranche: Option<i32>,
    /// Its first report.
    pub report: ReportEntry,
}

/// Enter an allocation with its first report.
///
/// Effects: one allocation, one report, the fund's movements, `allocation.created` for the staff and for each person of the investor.
/// Errors: [`Error::NoFund`], [`Error::NoInvestor`], [`Error::Entered`], [`Error::AllocationExists`].
/// Cost: changes to one fund's allocations wait for each other.
pub async fn create_allocation(
    tx: &mut Tx,
    fund: FundId,
    entered: &AllocationEntry,
    at: Timestamp,
) -> Result<Allocation> {
    let details = funds::lock(tx, fund).await?.ok_or(Error::NoFund(fund))?;
    let mut faults = Faults::default();
    let deal_ref = entered.deal_ref.as_deref().unwrap_or_default();
    let deal_ref = faults.check(entry::deal_ref("deal_ref", deal_ref));
    let tranche = faults.check(entry::tranche("tranche", entered.tranche.unwrap_or(1)));
    let currency = faults.check(entry::currency("currency", &details.currency));
    let report =
        currency.and_then(|currency| entry::report(&mut faults, &entered.report, currency));
    let (Some(deal_ref), Some(tranche), Some((as_of, amounts))) = (deal_ref, tranche, report)
    else {
        return Err(faults.into());
    };
    let id = AllocationId::new();
    let deal = Deal { deal_ref, tranche };
    allocation::insert(tx, id, (fund, entered.investor), &deal, at).await?;
    allocation::upsert_report(tx, id, as_of, &amounts, at).await?;
    movements::add(tx, fund, id, Sign::Add).await?;
    let made = allocation::get(tx, id).await?;
    events::allocation_created(tx, &made, at).await?;
    Ok(made)
}
