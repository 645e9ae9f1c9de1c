//! What was deleted long enough ago, removed for good a bounded number of rows at a time. As role `system`, which sees nothing else.
//!
//! What hangs on a row goes before it. Each statement takes what is older than $1 and at most $2 rows, and says how many it took.

use jiff::Timestamp;
use underpin::db::{Db, Purpose, Result, Scope, Statement, statements};

statements! {
    /// Reports of allocations.
    pub(crate) PURGE_REPORTS: "funds.purge_reports" (TIMESTAMPTZ, INT8) -> (INT8)
        = "with old as (select p.tenant_id, p.allocation_id, p.as_of from funds.allocation a \
             cross join lateral (select r.tenant_id, r.allocation_id, r.as_of from funds.position_report r \
               where r.tenant_id = a.tenant_id and r.allocation_id = a.id) p where a.deleted_at < $1 limit $2), \
           gone as (delete from funds.position_report r using old \
             where r.tenant_id = old.tenant_id and r.allocation_id = old.allocation_id and r.as_of = old.as_of returning 1) \
           select count(*) from gone";
    /// Allocations without reports.
    pub(crate) PURGE_ALLOCATIONS: "funds.purge_allocations" (TIMESTAMPTZ, INT8) -> (INT8)
        = "with old as (select a.tenant_id, a.id from funds.allocation a where a.deleted_at < $1 \
             and not exists (select 1 from funds.position_report r where r.tenant_id = a.tenant_id and r.allocation_id = a.id) limit $2), \
           gone as (delete from funds.allocation a using old where a.tenant_id = old.tenant_id and a.id = old.id returning 1) \
           select count(*) from gone";
    /// Movements of funds.
    pub(crate) PURGE_MOVEMENTS: "funds.purge_movements" (TIMESTAMPTZ, INT8) -> (INT8)
        = "with old as (select m.tenant_id, m.fund_id, m.as_of from funds.fund f \
             cross join lateral (select v.tenant_id, v.fund_id, v.as_of from funds.fund_movement v \
               where v.tenant_id = f.tenant_id and v.fund_id = f.id) m where f.deleted_at < $1 limit $2), \
           gone as (delete from funds.fund_movement m using old \
             where m.tenant_id = old.tenant_id and m.fund_id = old.fund_id and m.as_of = old.as_of returning 1) \
           select count(*) from gone";
    /// Funds without allocations and movements.
    pub(crate) PURGE_FUNDS: "funds.purge_funds" (TIMESTAMPTZ, INT8) -> (INT8)
        = "with old as (select f.tenant_id, f.id from funds.fund f where f.deleted_at < $1 \
             and not exists (select 1 from funds.allocation a where a.tenant_id = f.tenant_id and a.fund_id = f.id) \
             and not exists (select 1 from funds.fund_movement m where m.tenant_id = f.tenant_id and m.fund_id = f.id) limit $2), \
           gone as (delete from funds.fund f using old where f.tenant_id = old.tenant_id and f.id = old.id returning 1) \
           select count(*) from gone";
    /// Investors without allocations.
    pub(crate) PURGE_INVESTORS: "funds.purge_investors" (TIMESTAMPTZ, INT8) -> (INT8)
        = "with old as (select i.tenant_id, i.id from funds.investor i where i.deleted_at < $1 \
             and not exists (select 1 from funds.allocation a where a.tenant_id = i.tenant_id and a.investor_id = i.id) limit $2), \
           gone as (delete from funds.investor i using old where i.tenant_id = old.tenant_id and i.id = old.id returning 1) \
           select count(*) from gone";
}

/// In this order: what hangs on a row goes before it.
pub(crate) static IN_ORDER: [&Statement; 5] =
    [&PURGE_REPORTS, &PURGE_ALLOCATIONS, &PURGE_MOVEMENTS, &PURGE_FUNDS, &PURGE_INVESTORS];

/// One batch of one kind; says how many rows went.
pub(crate) async fn batch(
    db: &Db,
    statement: &'static Statement,
    before: Timestamp,
    limit: i64,
) -> Result<i64> {
    let scope = Scope::System(Purpose::Sweep);
    Ok(db.query_one(scope, statement, &[&before, &limit]).await?.get(0))
}
