//! What a row says about its fund: the currency must be the fund's; of the rest the first word stands.

use underpin::db::Tx;

use super::{Outcome, known::View};
use crate::{
    Result,
    import::Code,
    model::Row,
    store::funds::{self, KnownFund},
};

/// Indices of rows whose currency is their fund's. Attributes that differ are warned of; empty ones are filled.
pub(super) fn check(view: &mut View<'_>, rows: &[Row], outcome: &mut Outcome) -> Vec<usize> {
    let mut good = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        // Every fund of the chunk was resolved before; a missing one is refused with the allocations.
        let Some(fund) = view.fund(&row.fund.key) else {
            good.push(index);
            continue;
        };
        if fund.currency != row.currency_code() {
            let message = format!("the fund is in {}", fund.currency);
            outcome.refuse(row, "currency", Code::CurrencyConflict, row.currency_code(), message);
            continue;
        }
        warn(fund, row, outcome);
        if let Some(filled) = filled(fund, row) {
            view.filled.push(row.fund.key.clone());
            view.learned.funds.insert(row.fund.key.clone(), filled);
        }
        good.push(index);
    }
    good
}

fn warn(fund: &KnownFund, row: &Row, outcome: &mut Outcome) {
    if let (Some(stands), Some(said)) = (fund.vintage, row.vintage)
        && stands != said
    {
        let message = not_taken(stands);
        outcome.warn(row, "vintage", Code::VintageConflict, &said.to_string(), message);
    }
    if let (Some(stands), Some(said)) = (&fund.strategy, &row.strategy)
        && **stands != **said
    {
        outcome.warn(row, "strategy", Code::StrategyConflict, said, not_taken(stands));
    }
    if let (Some(stands), Some(said)) = (&fund.manager, &row.manager)
        && **stands != **said
    {
        outcome.warn(row, "manager", Code::ManagerConflict, said, not_taken(stands));
    }
}

/// The fund with its empty attributes filled from the row; none if the row adds nothing.
fn filled(fund: &KnownFund, row: &Row) -> Option<KnownFund> {
    let adds = fund.vintage.is_none() && row.vintage.is_some()
        || fund.strategy.is_none() && row.strategy.is_some()
        || fund.manager.is_none() && row.manager.is_some();
    adds.then(|| KnownFund {
        vintage: fund.vintage.or(row.vintage),
        strategy: fund.strategy.clone().or_else(|| row.strategy.as_deref().map(str::to_owned)),
        manager: fund.manager.clone().or_else(|| row.manager.as_deref().map(str::to_owned)),
        ..fund.clone()
    })
}

/// Write down what was filled.
pub(super) async fn fill(tx: &mut Tx, view: &View<'_>) -> Result<()> {
    let mut keys = view.filled.clone();
    keys.sort_unstable();
    keys.dedup();
    let funds: Vec<&KnownFund> = keys.iter().filter_map(|key| view.fund(key)).collect();
    if !funds.is_empty() {
        funds::fill_attributes(tx, &funds).await?;
    }
    Ok(())
}

/// What the warning about an attribute says: which value the fund keeps.
fn not_taken(stands: impl std::fmt::Display) -> String {
    format!("the fund keeps {stands}, which an earlier row said")
}
