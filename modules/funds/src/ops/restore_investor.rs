//! Somebody brings an investor back.

use jiff::Timestamp;
use underpin::db::Tx;

use super::create_investor::InvestorDetails;
use crate::{
    Result,
    events::{self, There},
    model::InvestorId,
    store::deleted,
};

/// Bring back an investor who was deleted after `since`.
///
/// Input: the scope is [`underpin::db::Scope::Deleted`].
/// Effects: the investor with the next version, `investor.restored` for the staff and for each person who sees its rows.
/// Errors: [`crate::Error::NoInvestor`] if it is not there or not deleted, [`crate::Error::NameTaken`].
pub async fn restore_investor(
    tx: &mut Tx,
    id: InvestorId,
    since: Timestamp,
    at: Timestamp,
) -> Result<InvestorDetails> {
    let investor = deleted::restore_investor(tx, id, since).await?;
    events::investor_there(tx, (id, investor.version), There::Restored, at).await?;
    Ok(investor)
}
