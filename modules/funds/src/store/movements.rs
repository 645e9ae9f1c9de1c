//! `funds.fund_movement`: what each reporting date changes in a fund's sums.

use jiff::Timestamp;
use underpin::base::Principal;
use underpin::db::{Db, Result, Tx, statements};
use uuid::Uuid;

use super::sums::{alive, four, moves, spans};
use crate::model::{AllocationId, FundId, ImportId};

statements! {
    /// Compute the movements of whole funds from their reports.
    pub(crate) WRITE_MOVEMENTS: "funds.write_movements" (UUID, UUID_ARRAY) -> ()
        = concat!(
            "with spans as materialized (select a.fund_id, p.as_of, p.next_as_of, ", four!("p"),
            " from funds.allocation a ", spans!(""),
            " where a.tenant_id = $1 and a.fund_id = any($2) and ", alive!(), " group by a.fund_id, p.as_of, p.next_as_of) \
             insert into funds.fund_movement as m \
               (tenant_id, fund_id, as_of, committed_minor, called_minor, distributed_minor, value_minor) \
             select $1, n.fund_id, n.as_of, sum(n.committed), sum(n.called), sum(n.distributed), sum(n.value) \
             from (", moves!("fund_id, "), ") n group by n.fund_id, n.as_of \
             on conflict (tenant_id, fund_id, as_of) do update set committed_minor = excluded.committed_minor, \
               called_minor = excluded.called_minor, distributed_minor = excluded.distributed_minor, \
               value_minor = excluded.value_minor \
             where (m.committed_minor, m.called_minor, m.distributed_minor, m.value_minor) \
               is distinct from (excluded.committed_minor, excluded.called_minor, excluded.distributed_minor, excluded.value_minor)"
        );
    /// Add the movements of one allocation to its fund's, or take them out: $4 is 1 or -1.
    pub(crate) ADD_MOVEMENTS: "funds.add_movements" (UUID, UUID, UUID, INT8) -> ()
        = concat!(
            "with spans as materialized (select p.as_of, p.next_as_of, p.commitment_minor as committed, \
               coalesce(p.called_minor, 0) as called, coalesce(p.distributed_minor, 0) as distributed, \
               coalesce(p.value_minor, 0) as value \
             from funds.allocation a ", spans!(""), " where a.tenant_id = $1 and a.id = $3) \
             insert into funds.fund_movement as m \
               (tenant_id, fund_id, as_of, committed_minor, called_minor, distributed_minor, value_minor) \
             select $1, $2, n.as_of, $4 * sum(n.committed), $4 * sum(n.called), $4 * sum(n.distributed), $4 * sum(n.value) \
             from (", moves!(""), ") n group by n.as_of \
             on conflict (tenant_id, fund_id, as_of) do update set committed_minor = m.committed_minor + excluded.committed_minor, \
               called_minor = m.called_minor + excluded.called_minor, \
               distributed_minor = m.distributed_minor + excluded.distributed_minor, \
               value_minor = m.value_minor + excluded.value_minor"
        );
    /// Take dates out on which an allocation reports and no allocation of the fund that is there does.
    pub(crate) DELETE_BARE: "funds.delete_bare_movements" (UUID, UUID, UUID) -> ()
        = concat!(
            "delete from funds.fund_movement m where m.tenant_id = $1 and m.fund_id = $2 and m.as_of in ( \
               select p.as_of from funds.position_report p where p.tenant_id = $1 and p.allocation_id = $3) \
             and not exists (select 1 from funds.allocation a cross join lateral (select 1 from funds.position_report r \
                 where r.tenant_id = $1 and r.allocation_id = a.id and r.as_of = m.as_of limit 1) r \
               where a.tenant_id = $1 and a.fund_id = $2 and ", alive!(), ")"
        );
    /// The next funds after an id, locked: whoever writes movements of a fund holds its row, so that none overwrites a newer sum.
    pub(crate) LOCK_FUNDS: "funds.lock_funds" (UUID, UUID, INT8) -> (UUID)
        = "select id from funds.fund where tenant_id = $1 and id > $2 and deleted_at is null \
           order by id limit $3 for no key update";
    /// Imports that applied something which the movements may not contain, as they are now.
    pub(crate) LIST_UNSUMMED: "funds.list_unsummed_imports" (UUID) -> (UUID, INT8)
        = "select id, version from funds.fund_import where tenant_id = $1 and summed_at is null order by id";
    /// The movements contain what these imports applied, but for one that went on meanwhile.
    pub(crate) MARK_SUMMED: "funds.mark_imports_summed" (UUID, UUID_ARRAY, INT8_ARRAY, TIMESTAMPTZ) -> ()
        = "update funds.fund_import set summed_at = $4 \
           where tenant_id = $1 and id = any($2) and summed_at is null and version = ($3)[array_position($2, id)]";
}

/// An import and the version that was seen of it.
pub(crate) type Seen = (ImportId, i64);

/// Whether an allocation's movements are added or taken out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sign {
    Add,
    Take,
}

/// Compute the movements of these funds anew; their rows must be locked.
pub(crate) async fn write(tx: &mut Tx, funds: &[Uuid]) -> Result<()> {
    let tenant = tx.principal()?.tenant.uuid();
    tx.execute(&WRITE_MOVEMENTS, &[&tenant, &funds]).await?;
    Ok(())
}

/// Add or take out what one allocation contributes; its fund's row must be locked.
pub(crate) async fn add(
    tx: &mut Tx,
    fund: FundId,
    allocation: AllocationId,
    sign: Sign,
) -> Result<()> {
    let tenant = tx.principal()?.tenant.uuid();
    let sign: i64 = match sign {
        Sign::Add => 1,
        Sign::Take => -1,
    };
    tx.execute(&ADD_MOVEMENTS, &[&tenant, &fund.uuid(), &allocation.uuid(), &sign]).await?;
    Ok(())
}

/// Take out the dates that only a deleted allocation reported on; the fund's row must be locked.
pub(crate) async fn delete_bare(tx: &mut Tx, fund: FundId, deleted: AllocationId) -> Result<()> {
    let tenant = tx.principal()?.tenant.uuid();
    tx.execute(&DELETE_BARE, &[&tenant, &fund.uuid(), &deleted.uuid()]).await?;
    Ok(())
}

/// Lock the next funds by id.
pub(crate) async fn lock_funds(tx: &mut Tx, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
    let tenant = tx.principal()?.tenant.uuid();
    let rows = tx.query(&LOCK_FUNDS, &[&tenant, &after, &limit]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// What the movements may not contain yet.
pub(crate) async fn unsummed(db: &Db, principal: Principal) -> Result<Vec<Seen>> {
    let rows = db.query(principal, &LIST_UNSUMMED, &[&principal.tenant.uuid()]).await?;
    Ok(rows.iter().map(|row| (ImportId::from_uuid(row.get(0)), row.get(1))).collect())
}

/// They contain it now.
pub(crate) async fn mark_summed(tx: &mut Tx, seen: &[Seen], at: Timestamp) -> Result<()> {
    let tenant = tx.principal()?.tenant.uuid();
    let (ids, versions): (Vec<Uuid>, Vec<i64>) =
        seen.iter().map(|(id, version)| (id.uuid(), *version)).unzip();
    tx.execute(&MARK_SUMMED, &[&tenant, &ids, &versions, &at]).await?;
    Ok(())
}
