//! Somebody opens a fund.

use jiff::Timestamp;
use underpin::db::Tx;

use crate::{
    Result, events,
    model::FundId,
    rules::entry::{self, Faults},
    store::funds::{self, FundDetails},
};

/// What is entered about a new fund.
#[derive(Debug, Clone, Default)]
pub struct FundEntry {
    /// Its name.
    pub name: String,
    /// ISO 4217; all its amounts are in it.
    pub currency: String,
    /// Year of its first investment.
    pub vintage: Option<i32>,
    /// Kind of investment.
    pub strategy: Option<String>,
    /// Who runs it.
    pub manager: Option<String>,
}

/// Open a fund.
///
/// Effects: one fund, `fund.created`.
/// Errors: [`crate::Error::Entered`], [`crate::Error::NameTaken`].
pub async fn create_fund(tx: &mut Tx, entered: &FundEntry, at: Timestamp) -> Result<FundDetails> {
    let mut faults = Faults::default();
    let name = faults.check(entry::name("name", &entered.name));
    let currency = faults.check(entry::currency("currency", &entered.currency));
    let vintage = faults.check(entry::vintage("vintage", entered.vintage));
    let strategy = faults.check(entry::attribute("strategy", entered.strategy.as_deref()));
    let manager = faults.check(entry::attribute("manager", entered.manager.as_deref()));
    let (Some(name), Some(currency), Some(vintage), Some(strategy), Some(manager)) =
        (name, currency, vintage, strategy, manager)
    else {
        return Err(faults.into());
    };
    let fund = FundDetails {
        id: FundId::new(),
        name: name.text,
        currency: currency.code().to_owned(),
        vintage,
        strategy,
        manager,
        version: 1,
    };
    funds::insert_one(tx, &fund, &name.key, at).await?;
    events::fund_created(tx, &fund, at).await?;
    Ok(fund)
}
