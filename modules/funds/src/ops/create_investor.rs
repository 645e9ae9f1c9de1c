//! Somebody enters an investor.

use jiff::Timestamp;
use underpin::db::Tx;

use crate::{
    Result, events,
    model::InvestorId,
    rules::entry::{self, Faults},
    store::investors,
};

/// An investor that was just entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvestorDetails {
    /// Its id.
    pub id: InvestorId,
    /// As shown.
    pub name: String,
    /// Counts its changes.
    pub version: i64,
}

/// Enter an investor.
///
/// Effects: one investor, `investor.created`.
/// Errors: [`crate::Error::Entered`], [`crate::Error::NameTaken`].
pub async fn create_investor(tx: &mut Tx, name: &str, at: Timestamp) -> Result<InvestorDetails> {
    let mut faults = Faults::default();
    let Some(name) = faults.check(entry::name("name", name)) else {
        return Err(faults.into());
    };
    let id = InvestorId::new();
    investors::insert_one(tx, id, &name, at).await?;
    let investor = InvestorDetails { id, name: name.text, version: 1 };
    events::investor_created(tx, &investor, at).await?;
    Ok(investor)
}
