//! Somebody deletes an investor.

use jiff::Timestamp;
use underpin::db::Tx;

use crate::{
    Error, Result,
    events::{self, There},
    model::InvestorId,
    store::deleted,
};

/// Delete an investor without allocations, if it is still what the person saw.
///
/// Input: `seen` is the investor's version. The scope is [`underpin::db::Scope::Deleted`].
/// Effects: the investor deleted, `investor.deleted` for the staff and for each person who saw its rows.
/// Errors: [`Error::NoInvestor`], [`Error::VersionConflict`], [`Error::InvestorInUse`].
/// Cost: waits for whoever enters an allocation of the investor, an import too.
pub async fn delete_investor(tx: &mut Tx, id: InvestorId, seen: &str, at: Timestamp) -> Result<()> {
    let version = deleted::lock_investor(tx, id).await?.ok_or(Error::NoInvestor(id))?;
    if version.to_string() != seen {
        return Err(Error::VersionConflict);
    }
    let version = deleted::delete_investor(tx, id, at).await?;
    deleted::tell_imports(tx).await?;
    events::investor_there(tx, (id, version), There::Deleted, at).await
}
