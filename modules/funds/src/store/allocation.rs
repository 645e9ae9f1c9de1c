//! One allocation with its reports, as people read and change it.

use jiff::{Timestamp, civil::Date};
use underpin::base::Principal;
use underpin::db::{Db, Result, Row, Tx, on_constraint, statements};

use crate::{
    Error,
    model::{AllocationId, Amounts, FundId, InvestorId},
};

/// Most reports that are shown with an allocation.
const REPORTS_MAX: i64 = 1_000;

/// What a person enters of an allocation's identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deal {
    /// Which deal; empty for the unnamed one.
    pub(crate) deal_ref: String,
    /// Which part of it.
    pub(crate) tranche: i32,
}

statements! {
    /// An allocation, a row for each of its newest $3 reports; one row without a report if there is none.
    pub(crate) GET_ALLOCATION: "funds.get_allocation" (UUID, UUID, INT8)
        -> (UUID, UUID, TEXT, UUID, TEXT, TEXT, TEXT, INT4, INT8, DATE, INT8, INT8, INT8, INT8, BOOL, INT8)
        = "select a.id, f.id, f.name, i.id, i.name, f.currency, a.deal_ref, a.tranche, a.version, \
             p.as_of, p.commitment_minor, p.called_minor, p.distributed_minor, p.value_minor, p.reported_by is not null, v.version \
           from funds.allocation a \
           cross join lateral (select id, name, currency from funds.fund \
             where tenant_id = a.tenant_id and id = a.fund_id and deleted_at is null limit 1) f \
           cross join lateral (select id, name from funds.investor where tenant_id = a.tenant_id and id = a.investor_id limit 1) i \
           cross join lateral (select coalesce(sum(version), 0)::int8 as version \
             from funds.position_report where tenant_id = a.tenant_id and allocation_id = a.id) v \
           left join lateral (select as_of, commitment_minor, called_minor, distributed_minor, value_minor, reported_by \
             from funds.position_report where tenant_id = a.tenant_id and allocation_id = a.id \
             order by as_of desc limit $3) p on true \
           where a.tenant_id = $1 and a.id = $2 and a.deleted_at is null order by p.as_of desc";
    /// The fund of an allocation.
    pub(crate) FIND_FUND: "funds.find_allocation_fund" (UUID, UUID) -> (UUID)
        = "select fund_id from funds.allocation where tenant_id = $1 and id = $2 and deleted_at is null";
    /// Lock an allocation, so that no import adds a report to it; its version.
    pub(crate) LOCK_ALLOCATION: "funds.lock_allocation" (UUID, UUID) -> (INT8)
        = "select version from funds.allocation where tenant_id = $1 and id = $2 and deleted_at is null for update";
    /// Lock the reports of a locked allocation, so that no import rewrites one; their versions.
    pub(crate) LOCK_REPORTS: "funds.lock_allocation_reports" (UUID, UUID) -> (INT8)
        = "select version from funds.position_report where tenant_id = $1 and allocation_id = $2 order by as_of for update";
    /// Enter an allocation of an investor who is there, also when a rival who deletes them is done; no row otherwise.
    pub(crate) INSERT_ALLOCATION: "funds.insert_allocation" (UUID, UUID, UUID, UUID, TEXT, INT4, UUID, TIMESTAMPTZ) -> ()
        = "insert into funds.allocation (tenant_id, id, fund_id, investor_id, deal_ref, tranche, created_by, created_at) \
           select $1, $2, $3, i.id, $5, $6, $7, $8 from funds.investor i where i.tenant_id = $1 and i.id = $4 and i.deleted_at is null \
           for key share";
    /// Change an allocation; what is null stays. Counts a change of its reports too.
    pub(crate) UPDATE_ALLOCATION: "funds.update_allocation" (UUID, UUID, TEXT, INT4) -> ()
        = "update funds.allocation set deal_ref = coalesce($3, deal_ref), tranche = coalesce($4, tranche), version = version + 1 \
           where tenant_id = $1 and id = $2";
    /// What a person says about an allocation at a date, whoever said something before.
    pub(crate) UPSERT_REPORT: "funds.upsert_report" (UUID, UUID, DATE, INT8, INT8, INT8, INT8, UUID, TIMESTAMPTZ) -> ()
        = "insert into funds.position_report as r (tenant_id, allocation_id, as_of, commitment_minor, called_minor, distributed_minor, \
             value_minor, reported_by, reported_at) \
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
           on conflict (tenant_id, allocation_id, as_of) do update set version = r.version + 1, import_id = null, line = null, \
             reported_by = excluded.reported_by, reported_at = excluded.reported_at, \
             commitment_minor = excluded.commitment_minor, called_minor = excluded.called_minor, \
             distributed_minor = excluded.distributed_minor, value_minor = excluded.value_minor";
}

/// What an allocation stood at on a date, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatedReport {
    /// The date.
    pub as_of: Date,
    /// What is said.
    pub amounts: Amounts,
    /// A person entered it; otherwise an import did.
    pub manual: bool,
}

/// A promise of an investor to a fund, with all that was reported of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// Its id.
    pub id: AllocationId,
    /// To which fund.
    pub fund: (FundId, String),
    /// Whose.
    pub investor: (InvestorId, String),
    /// The fund's.
    pub currency: String,
    /// Which deal; empty for the unnamed one.
    pub deal_ref: String,
    /// Which part of it, from 1.
    pub tranche: i32,
    /// Counts what people changed.
    pub version: i64,
    /// Its reports, newest first; the first 1,000.
    pub reports: Vec<DatedReport>,
    /// The sum of the reports' versions.
    pub(crate) reports_version: i64,
}

impl Allocation {
    /// What changes whenever the allocation or one of its reports does, by hand or by an import.
    pub fn tag(&self) -> String {
        tag(self.version, self.reports_version)
    }
}

fn tag(version: i64, reports_version: i64) -> String {
    format!("{version}-{reports_version}")
}

/// One allocation, if the principal may see it.
pub(crate) async fn find(
    db: &Db,
    principal: Principal,
    id: AllocationId,
) -> Result<Option<Allocation>> {
    let params = [&principal.tenant.uuid() as _, &id.uuid() as _, &REPORTS_MAX as _];
    Ok(allocation(&db.query(principal, &GET_ALLOCATION, &params).await?))
}

/// One allocation as this transaction leaves it.
pub(crate) async fn get(tx: &mut Tx, id: AllocationId) -> Result<Allocation> {
    let tenant = tx.principal()?.tenant.uuid();
    let rows = tx.query(&GET_ALLOCATION, &[&tenant, &id.uuid(), &REPORTS_MAX]).await?;
    allocation(&rows).ok_or(underpin::db::Error::NotFound(GET_ALLOCATION.name))
}

/// The fund of an allocation, if there is such an allocation.
pub(crate) async fn find_fund(tx: &mut Tx, id: AllocationId) -> Result<Option<FundId>> {
    let tenant = tx.principal()?.tenant.uuid();
    let row = tx.query_opt(&FIND_FUND, &[&tenant, &id.uuid()]).await?;
    Ok(row.map(|row| FundId::from_uuid(row.get(0))))
}

/// Lock an allocation and its reports; gives its tag.
pub(crate) async fn lock(tx: &mut Tx, id: AllocationId) -> Result<Option<String>> {
    let tenant = tx.principal()?.tenant.uuid();
    let Some(row) = tx.query_opt(&LOCK_ALLOCATION, &[&tenant, &id.uuid()]).await? else {
        return Ok(None);
    };
    let reports = tx.query(&LOCK_REPORTS, &[&tenant, &id.uuid()]).await?;
    let reports_version = reports.iter().map(|report| report.get::<_, i64>(0)).sum();
    Ok(Some(tag(row.get(0), reports_version)))
}

/// Enter an allocation to a fund that is locked.
///
/// Errors: [`Error::NoInvestor`], [`Error::AllocationExists`].
pub(crate) async fn insert(
    tx: &mut Tx,
    id: AllocationId,
    (fund, investor): (FundId, InvestorId),
    deal: &Deal,
    at: Timestamp,
) -> Result<(), Error> {
    let principal = tx.principal()?;
    let (tenant, subject) = (principal.tenant.uuid(), principal.subject.uuid());
    let inserted = tx
        .execute(
            &INSERT_ALLOCATION,
            &[
                &tenant,
                &id.uuid(),
                &fund.uuid(),
                &investor.uuid(),
                &deal.deal_ref,
                &deal.tranche,
                &subject,
                &at,
            ],
        )
        .await;
    match on_constraint(inserted, exists)? {
        1 => Ok(()),
        _ => Err(Error::NoInvestor(investor)),
    }
}

/// Change what tells a locked allocation apart, or only count that one of its reports changed.
///
/// Errors: [`Error::AllocationExists`].
pub(crate) async fn update(
    tx: &mut Tx,
    id: AllocationId,
    deal_ref: Option<&str>,
    tranche: Option<i32>,
) -> Result<(), Error> {
    let tenant = tx.principal()?.tenant.uuid();
    let updated = tx.execute(&UPDATE_ALLOCATION, &[&tenant, &id.uuid(), &deal_ref, &tranche]).await;
    match on_constraint(updated, exists)? {
        1 => Ok(()),
        _ => Err(Error::NoAllocation(id)),
    }
}

/// Enter what a person says about a date.
pub(crate) async fn upsert_report(
    tx: &mut Tx,
    id: AllocationId,
    as_of: Date,
    amounts: &Amounts,
    at: Timestamp,
) -> Result<()> {
    let principal = tx.principal()?;
    let (tenant, subject) = (principal.tenant.uuid(), principal.subject.uuid());
    let Amounts { commitment, called, distributed, value } = amounts;
    tx.execute(
        &UPSERT_REPORT,
        &[&tenant, &id.uuid(), &as_of, commitment, called, distributed, value, &subject, &at],
    )
    .await?;
    Ok(())
}

fn exists(constraint: &str) -> Option<Error> {
    (constraint == "allocation_deal_key").then_some(Error::AllocationExists)
}

fn allocation(rows: &[Row]) -> Option<Allocation> {
    let first = rows.first()?;
    let reports: Vec<DatedReport> = rows.iter().filter_map(report).collect();
    Some(Allocation {
        id: AllocationId::from_uuid(first.get(0)),
        fund: (FundId::from_uuid(first.get(1)), first.get(2)),
        investor: (InvestorId::from_uuid(first.get(3)), first.get(4)),
        currency: first.get(5),
        deal_ref: first.get(6),
        tranche: first.get(7),
        version: first.get(8),
        reports,
        reports_version: first.get(15),
    })
}

fn report(row: &Row) -> Option<DatedReport> {
    let as_of = row.get::<_, Option<Date>>(9)?;
    let amounts = Amounts {
        commitment: row.get(10),
        called: row.get(11),
        distributed: row.get(12),
        value: row.get(13),
    };
    Some(DatedReport { as_of, amounts, manual: row.get(14) })
}
