//! Somebody changes what is said about a fund.

use jiff::Timestamp;
use underpin::db::Tx;

use crate::{
    Error, Result, events,
    model::{FundId, Name, Patch},
    rules::entry::{self, Faults},
    store::funds::{self, FundDetails},
};

/// What is to change of a fund.
#[derive(Debug, Clone, Default)]
pub struct FundChange {
    /// Its name, which it always has.
    pub name: Patch<String>,
    /// Year of its first investment.
    pub vintage: Patch<i32>,
    /// Kind of investment.
    pub strategy: Patch<String>,
    /// Who runs it.
    pub manager: Patch<String>,
}

impl FundChange {
    /// The names of the fields that are given.
    fn fields(&self) -> Vec<&'static str> {
        let given = [
            (self.name.is_given(), "name"),
            (self.vintage.is_given(), "vintage"),
            (self.strategy.is_given(), "strategy"),
            (self.manager.is_given(), "manager"),
        ];
        given.into_iter().filter_map(|(given, name)| given.then_some(name)).collect()
    }
}

/// Change a fund if it is still what the person saw.
///
/// Input: `seen` is the tag of the fund that was read, its version.
/// Effects: the fund with the next version, `fund.changed` in the fund's room and in that of all funds.
/// Errors: [`Error::NoFund`], [`Error::VersionConflict`], [`Error::Entered`], [`Error::NameTaken`].
pub async fn update_fund(
    tx: &mut Tx,
    id: FundId,
    seen: &str,
    change: &FundChange,
    at: Timestamp,
) -> Result<FundDetails> {
    let fields = change.fields();
    if fields.is_empty() {
        return Err(entry::nothing());
    }
    let fund = funds::lock(tx, id).await?.ok_or(Error::NoFund(id))?;
    if fund.version.to_string() != seen {
        return Err(Error::VersionConflict);
    }
    let (mut fund, name) = changed(fund, change)?;
    funds::update(tx, &fund, &name).await?;
    fund.version += 1;
    events::fund_changed(tx, &fund, &fields, at).await?;
    Ok(fund)
}

fn changed(fund: FundDetails, change: &FundChange) -> Result<(FundDetails, Name)> {
    let mut faults = Faults::default();
    let name = change.name.over(Some(&fund.name));
    let name = faults.check(entry::name("name", name.map_or("", String::as_str)));
    let vintage = change.vintage.over(fund.vintage.as_ref()).copied();
    let vintage = faults.check(entry::vintage("vintage", vintage));
    let strategy = change.strategy.over(fund.strategy.as_ref()).map(String::as_str);
    let strategy = faults.check(entry::attribute("strategy", strategy));
    let manager = change.manager.over(fund.manager.as_ref()).map(String::as_str);
    let manager = faults.check(entry::attribute("manager", manager));
    let (Some(name), Some(vintage), Some(strategy), Some(manager)) =
        (name, vintage, strategy, manager)
    else {
        return Err(faults.into());
    };
    Ok((FundDetails { name: name.text.clone(), vintage, strategy, manager, ..fund }, name))
}
