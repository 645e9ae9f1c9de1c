//! Somebody deletes a fund.

use jiff::Timestamp;
use underpin::db::Tx;

use crate::{
    Error, Result,
    events::{self, There},
    model::FundId,
    store::deleted,
};

/// Delete a fund with its allocations, if it is still what the person saw.
///
/// Keeps: nobody finds it, nor what hangs on it, until it is restored; an import under way notices, and makes a new one if it names it.
/// Input: `seen` is the tag of the fund that was read, its version. The scope is [`underpin::db::Scope::Deleted`].
/// Effects: the fund and its allocations deleted at one instant, `fund.deleted` for whoever could see it.
/// Errors: [`Error::NoFund`], [`Error::VersionConflict`].
/// Cost: locks fund, allocations, imports in this order, which is also that of an import; waits for a chunk that names the fund.
pub async fn delete_fund(tx: &mut Tx, id: FundId, seen: &str, at: Timestamp) -> Result<()> {
    let version = deleted::lock_fund(tx, id).await?.ok_or(Error::NoFund(id))?;
    if version.to_string() != seen {
        return Err(Error::VersionConflict);
    }
    let persons = deleted::fund_persons(tx, id).await?;
    let version = deleted::delete_fund(tx, id, at).await?;
    deleted::tell_imports(tx).await?;
    events::fund_there(tx, (id, version), There::Deleted, persons, at).await
}
