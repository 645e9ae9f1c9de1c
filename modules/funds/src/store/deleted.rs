//! What is deleted, and what comes back. Each statement runs in [`underpin::db::Scope::Deleted`]: to any other these rows are not there.

use jiff::Timestamp;
use underpin::{
    base::{Principal, UserId},
    db::{Db, Result, Row, Scope, Tx, on_constraint, statements},
};
use uuid::Uuid;

use super::{funds::FundDetails, sums::alive};
use crate::{
    Error,
    model::{AllocationId, FundId, InvestorId},
    ops::create_investor::InvestorDetails,
};

statements! {
    /// Lock a fund against everybody, those too who would enter an allocation of it; its version.
    pub(crate) LOCK_FUND: "funds.lock_fund_whole" (UUID, UUID) -> (INT8)
        = "select version from funds.fund where tenant_id = $1 and id = $2 and deleted_at is null for update";
    /// Lock the allocations of a locked fund, in the order in which an import locks them; how many they are.
    pub(crate) LOCK_ALLOCATIONS: "funds.lock_fund_allocations" (UUID, UUID) -> (INT8)
        = concat!("select count(*) from (select a.id from funds.allocation a where a.tenant_id = $1 and a.fund_id = $2 and ", alive!(),
            " order by a.id for update) locked");
    /// Delete a locked fund.
    pub(crate) DELETE_FUND: "funds.delete_fund" (UUID, UUID, UUID, TIMESTAMPTZ) -> (INT8)
        = "update funds.fund set deleted_at = $4, deleted_by = $3, version = version + 1 \
           where tenant_id = $1 and id = $2 and deleted_at is null returning version";
    /// Delete the allocations of a fund with it.
    pub(crate) DELETE_WITH_FUND: "funds.delete_fund_allocations" (UUID, UUID, UUID, TIMESTAMPTZ) -> ()
        = concat!("update funds.allocation a set deleted_at = $4, deleted_by = $3, deleted_with_fund = true, version = version + 1 \
           where a.tenant_id = $1 and a.fund_id = $2 and ", alive!());
    /// Delete a locked allocation.
    pub(crate) DELETE_ALLOCATION: "funds.delete_allocation" (UUID, UUID, UUID, TIMESTAMPTZ) -> (INT8)
        = "update funds.allocation set deleted_at = $4, deleted_by = $3, version = version + 1 \
           where tenant_id = $1 and id = $2 and deleted_at is null returning version";
    /// Lock an investor against everybody, those too who would enter an allocation of theirs; the version.
    pub(crate) LOCK_INVESTOR: "funds.lock_investor" (UUID, UUID) -> (INT8)
        = "select version from funds.investor where tenant_id = $1 and id = $2 and deleted_at is null for update";
    /// Whether an investor has allocations.
    pub(crate) FIND_USE: "funds.find_investor_use" (UUID, UUID) -> (INT4)
        = "select 1 from funds.allocation where tenant_id = $1 and investor_id = $2 and deleted_at is null limit 1";
    /// Delete a locked investor.
    pub(crate) DELETE_INVESTOR: "funds.delete_investor" (UUID, UUID, UUID, TIMESTAMPTZ) -> (INT8)
        = "update funds.investor set deleted_at = $4, deleted_by = $3, version = version + 1 \
           where tenant_id = $1 and id = $2 and deleted_at is null returning version";
    /// Tell the imports that are not over that the book lost something: what they remember of names is looked up again.
    pub(crate) TELL_IMPORTS: "funds.count_deletion" (UUID) -> ()
        = "update funds.fund_import set deletions = deletions + 1 where tenant_id = $1 and finished_at is null";
    /// The persons who see a fund: those of its investors.
    pub(crate) LIST_FUND_PERSONS: "funds.list_fund_persons" (UUID, UUID) -> (UUID)
        = "select distinct p.user_id from (select id as investor_id, user_id from funds.investor \
               where tenant_id = $1 and user_id is not null \
             union all select investor_id, user_id from underpin.member \
               where tenant_id = $1 and investor_id is not null and removed_at is null) p \
           where exists (select 1 from funds.allocation a \
             where a.tenant_id = $1 and a.investor_id = p.investor_id and a.fund_id = $2 and a.deleted_at is null)";
    /// Lock a fund that was deleted after $3.
    pub(crate) LOCK_DELETED_FUND: "funds.lock_deleted_fund" (UUID, UUID, TIMESTAMPTZ) -> (UUID)
        = "select id from funds.fund where tenant_id = $1 and id = $2 and deleted_at > $3 for update";
    /// Lock the investors of the allocations that went with a fund, so that none is deleted now; how many were before.
    pub(crate) LOCK_INVESTORS: "funds.lock_fund_investors" (UUID, UUID) -> (INT8)
        = "select count(*) from (select i.deleted_at from funds.investor i where i.tenant_id = $1 and i.id in ( \
             select a.investor_id from funds.allocation a where a.tenant_id = $1 and a.fund_id = $2 and a.deleted_with_fund) \
             order by i.id for key share of i) locked where deleted_at is not null";
    /// Bring a locked fund back; its name must be free.
    pub(crate) RESTORE_FUND: "funds.restore_fund" (UUID, UUID) -> (UUID, TEXT, TEXT, INT4, TEXT, TEXT, INT8)
        = "update funds.fund set deleted_at = null, deleted_by = null, version = version + 1 where tenant_id = $1 and id = $2 \
           returning id, name, currency, vintage, strategy, manager, version";
    /// Bring back the allocations that went with a fund.
    pub(crate) RESTORE_WITH_FUND: "funds.restore_fund_allocations" (UUID, UUID) -> ()
        = "update funds.allocation set deleted_at = null, deleted_by = null, deleted_with_fund = false, version = version + 1 \
           where tenant_id = $1 and fund_id = $2 and deleted_with_fund";
    /// Bring back an investor who was deleted after $3; the name must be free.
    pub(crate) RESTORE_INVESTOR: "funds.restore_investor" (UUID, UUID, TIMESTAMPTZ) -> (UUID, TEXT, INT8)
        = "update funds.investor set deleted_at = null, deleted_by = null, version = version + 1 \
           where tenant_id = $1 and id = $2 and deleted_at > $3 returning id, name, version";
    /// Where an allocation that was deleted after $3 belongs.
    pub(crate) FIND_DELETED_ALLOCATION: "funds.find_deleted_allocation" (UUID, UUID, TIMESTAMPTZ) -> (UUID, UUID)
        = "select fund_id, investor_id from funds.allocation \
           where tenant_id = $1 and id = $2 and deleted_at > $3";
    /// Hold an investor who is there, so that nobody deletes them now.
    pub(crate) HOLD_INVESTOR: "funds.hold_investor" (UUID, UUID) -> (INT4)
        = "select 1 from funds.investor where tenant_id = $1 and id = $2 and deleted_at is null for key share";
    /// Bring one allocation back, if it is still deleted; its place must be free.
    pub(crate) RESTORE_ALLOCATION: "funds.restore_allocation" (UUID, UUID) -> ()
        = "update funds.allocation set deleted_at = null, deleted_by = null, version = version + 1 \
           where tenant_id = $1 and id = $2 and deleted_at is not null and not deleted_with_fund";
    /// How many rows of a fund and its allocations are there for a statement that does not ask whether they were deleted.
    pub(crate) COUNT_UNASKED: "funds.count_unasked" (UUID, UUID) -> (INT8)
        = "select (select count(*) from funds.fund where tenant_id = $1 and id = $2) \
             + (select count(*) from funds.allocation where tenant_id = $1 and fund_id = $2)";
    /// What was deleted after $2, newest first, from a place on; allocations that went with their fund only as its number of them.
    pub(crate) LIST_DELETED: "funds.list_deleted" (UUID, TIMESTAMPTZ, TIMESTAMPTZ, UUID, INT8)
        -> (TEXT, UUID, TEXT, UUID, TEXT, INT8, TIMESTAMPTZ, UUID, TEXT)
        = "select d.kind, d.id, d.name, d.fund_id, d.fund_name, d.allocations, d.deleted_at, d.deleted_by, coalesce(u.name, '') \
           from ((select 'fund' as kind, f.id, f.name, null::uuid as fund_id, null::text as fund_name, \
               (select count(*) from funds.allocation a where a.tenant_id = $1 and a.fund_id = f.id and a.deleted_with_fund) as allocations, \
               f.deleted_at, f.deleted_by from funds.fund f \
             where f.tenant_id = $1 and f.deleted_at > $2 and (f.deleted_at, f.id) < ($3, $4) \
             order by f.deleted_at desc, f.id desc limit $5) \
           union all (select 'investor', i.id, i.name, null, null, null, i.deleted_at, i.deleted_by from funds.investor i \
             where i.tenant_id = $1 and i.deleted_at > $2 and (i.deleted_at, i.id) < ($3, $4) \
             order by i.deleted_at desc, i.id desc limit $5) \
           union all (select 'allocation', a.id, i.name, f.id, f.name, null, a.deleted_at, a.deleted_by from funds.allocation a \
             cross join lateral (select name from funds.investor where tenant_id = $1 and id = a.investor_id limit 1) i \
             cross join lateral (select id, name from funds.fund where tenant_id = $1 and id = a.fund_id limit 1) f \
             where a.tenant_id = $1 and a.deleted_at > $2 and (a.deleted_at, a.id) < ($3, $4) and not a.deleted_with_fund \
             order by a.deleted_at desc, a.id desc limit $5)) d \
           left join underpin.user_account u on u.id = d.deleted_by \
           order by d.deleted_at desc, d.id desc limit $5";
}

/// What was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletedKind {
    /// A fund, with the allocations that it had.
    Fund {
        /// How many they were.
        allocations: i64,
    },
    /// An investor.
    Investor,
    /// An allocation; its name is that of its investor.
    Allocation,
}

/// Something that was deleted and can be brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// What it is.
    pub kind: DeletedKind,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Of an allocation: its fund.
    pub fund: Option<(FundId, String)>,
    /// When.
    pub deleted_at: Timestamp,
    /// By whom: their name is empty if they are no member any more.
    pub deleted_by: Option<(UserId, String)>,
}

/// An allocation that was deleted: where it belongs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) fund: FundId,
    pub(crate) investor: InvestorId,
}

/// Lock a fund for its end; its version, if it is there.
pub(crate) async fn lock_fund(tx: &mut Tx, id: FundId) -> Result<Option<i64>> {
    let tenant = tx.principal()?.tenant.uuid();
    let row = tx.query_opt(&LOCK_FUND, &[&tenant, &id.uuid()]).await?;
    Ok(row.map(|row| row.get(0)))
}

/// Delete a locked fund with its allocations; gives its version.
pub(crate) async fn delete_fund(tx: &mut Tx, id: FundId, at: Timestamp) -> Result<i64> {
    let principal = tx.principal()?;
    let (tenant, subject, id) = (principal.tenant.uuid(), principal.subject.uuid(), id.uuid());
    tx.query_one(&LOCK_ALLOCATIONS, &[&tenant, &id]).await?;
    let version = tx.query_one(&DELETE_FUND, &[&tenant, &id, &subject, &at]).await?.get(0);
    tx.execute(&DELETE_WITH_FUND, &[&tenant, &id, &subject, &at]).await?;
    Ok(version)
}

/// Delete a locked allocation; gives its version.
pub(crate) async fn delete_allocation(tx: &mut Tx, id: AllocationId, at: Timestamp) -> Result<i64> {
    let principal = tx.principal()?;
    let (tenant, subject) = (principal.tenant.uuid(), principal.subject.uuid());
    let row = tx.query_one(&DELETE_ALLOCATION, &[&tenant, &id.uuid(), &subject, &at]).await?;
    Ok(row.get(0))
}

/// Lock an investor for their end; the version, if they are there.
pub(crate) async fn lock_investor(tx: &mut Tx, id: InvestorId) -> Result<Option<i64>> {
    let tenant = tx.principal()?.tenant.uuid();
    let row = tx.query_opt(&LOCK_INVESTOR, &[&tenant, &id.uuid()]).await?;
    Ok(row.map(|row| row.get(0)))
}

/// Delete a locked investor; gives the version.
///
/// Errors: [`Error::InvestorInUse`].
pub(crate) async fn delete_investor(
    tx: &mut Tx,
    id: InvestorId,
    at: Timestamp,
) -> Result<i64, Error> {
    let principal = tx.principal()?;
    let (tenant, subject, id) = (principal.tenant.uuid(), principal.subject.uuid(), id.uuid());
    if tx.query_opt(&FIND_USE, &[&tenant, &id]).await?.is_some() {
        return Err(Error::InvestorInUse);
    }
    Ok(tx.query_one(&DELETE_INVESTOR, &[&tenant, &id, &subject, &at]).await?.get(0))
}

/// Tell the imports that are under way. The last lock that a deletion takes, as it is a chunk's.
pub(crate) async fn tell_imports(tx: &mut Tx) -> Result<()> {
    let tenant = tx.principal()?.tenant.uuid();
    tx.execute(&TELL_IMPORTS, &[&tenant]).await?;
    Ok(())
}

/// Who sees a fund, beside the staff.
pub(crate) async fn fund_persons(tx: &mut Tx, id: FundId) -> Result<Vec<UserId>> {
    let tenant = tx.principal()?.tenant.uuid();
    let rows = tx.query(&LIST_FUND_PERSONS, &[&tenant, &id.uuid()]).await?;
    Ok(rows.iter().map(|row| UserId::from_uuid(row.get(0))).collect())
}

/// Bring back a fund that was deleted after `since`, with the allocations that went with it.
///
/// Errors: [`Error::NoFund`], [`Error::NameTaken`], [`Error::ParentDeleted`] if an investor of these allocations was deleted.
pub(crate) async fn restore_fund(
    tx: &mut Tx,
    id: FundId,
    since: Timestamp,
) -> Result<FundDetails, Error> {
    let (tenant, uuid) = (tx.principal()?.tenant.uuid(), id.uuid());
    if tx.query_opt(&LOCK_DELETED_FUND, &[&tenant, &uuid, &since]).await?.is_none() {
        return Err(Error::NoFund(id));
    }
    if tx.query_one(&LOCK_INVESTORS, &[&tenant, &uuid]).await?.get::<_, i64>(0) > 0 {
        return Err(Error::ParentDeleted);
    }
    let restored = tx.query_one(&RESTORE_FUND, &[&tenant, &uuid]).await;
    let row = on_constraint(restored, |name| (name == "fund_name_key").then_some(Error::NameTaken));
    let row = row?;
    tx.execute(&RESTORE_WITH_FUND, &[&tenant, &uuid]).await?;
    Ok(FundDetails {
        id,
        name: row.get(1),
        currency: row.get(2),
        vintage: row.get(3),
        strategy: row.get(4),
        manager: row.get(5),
        version: row.get(6),
    })
}

/// Bring back an investor who was deleted after `since`.
///
/// Errors: [`Error::NoInvestor`], [`Error::NameTaken`].
pub(crate) async fn restore_investor(
    tx: &mut Tx,
    id: InvestorId,
    since: Timestamp,
) -> Result<InvestorDetails, Error> {
    let tenant = tx.principal()?.tenant.uuid();
    let restored = tx.query_opt(&RESTORE_INVESTOR, &[&tenant, &id.uuid(), &since]).await;
    let taken = |name: &str| (name == "investor_name_key").then_some(Error::NameTaken);
    let row = on_constraint(restored, taken)?.ok_or(Error::NoInvestor(id))?;
    Ok(InvestorDetails { id, name: row.get(1), version: row.get(2) })
}

/// Where an allocation that was deleted after `since` belongs.
pub(crate) async fn find_allocation(
    tx: &mut Tx,
    id: AllocationId,
    since: Timestamp,
) -> Result<Option<Place>> {
    let tenant = tx.principal()?.tenant.uuid();
    let row = tx.query_opt(&FIND_DELETED_ALLOCATION, &[&tenant, &id.uuid(), &since]).await?;
    Ok(row.map(|row| Place {
        fund: FundId::from_uuid(row.get(0)),
        investor: InvestorId::from_uuid(row.get(1)),
    }))
}

/// Hold an investor until the end of the transaction; false if they are not there.
pub(crate) async fn hold_investor(tx: &mut Tx, id: InvestorId) -> Result<bool> {
    let tenant = tx.principal()?.tenant.uuid();
    Ok(tx.query_opt(&HOLD_INVESTOR, &[&tenant, &id.uuid()]).await?.is_some())
}

/// Bring one allocation back, under its locked fund and held investor.
///
/// Errors: [`Error::NoAllocation`] if a rival did, [`Error::AllocationExists`].
pub(crate) async fn restore_allocation(tx: &mut Tx, id: AllocationId) -> Result<(), Error> {
    let tenant = tx.principal()?.tenant.uuid();
    let restored = tx.execute(&RESTORE_ALLOCATION, &[&tenant, &id.uuid()]).await;
    let exists = |name: &str| (name == "allocation_deal_key").then_some(Error::AllocationExists);
    match on_constraint(restored, exists)? {
        1 => Ok(()),
        _ => Err(Error::NoAllocation(id)),
    }
}

/// What was deleted after `since` and comes after a place in the list.
pub(crate) async fn list(
    db: &Db,
    principal: Principal,
    since: Timestamp,
    (before, id): (Timestamp, Uuid),
    limit: i64,
) -> Result<Vec<Deleted>> {
    let params = [&principal.tenant.uuid() as _, &since as _, &before as _, &id as _, &limit as _];
    let rows = db.query(Scope::Deleted(principal), &LIST_DELETED, &params).await?;
    Ok(rows.iter().map(deleted).collect())
}

fn deleted(row: &Row) -> Deleted {
    let kind = match row.get(0) {
        "fund" => DeletedKind::Fund { allocations: row.get(5) },
        "investor" => DeletedKind::Investor,
        _ => DeletedKind::Allocation,
    };
    let fund: Option<Uuid> = row.get(3);
    let by: Option<Uuid> = row.get(7);
    Deleted {
        kind,
        id: row.get(1),
        name: row.get(2),
        fund: fund.map(FundId::from_uuid).zip(row.get(4)),
        deleted_at: row.get(6),
        deleted_by: by.map(|id| (UserId::from_uuid(id), row.get(8))),
    }
}
