//! `funds.position_report` as an import writes it.
//!
//! Each statement visits each given key by index, in a shape that the planner cannot turn round: joined plainly, tables that were filled a
//! second ago look empty to it, and it reads all of them for every key.

use jiff::civil::Date;
use underpin::db::{Result, ToSql, Tx, on_constraint, statements};
use uuid::Uuid;

use crate::{
    Error,
    model::{AllocationId, Amounts, ImportId},
};

statements! {
    /// Enter reports none of which exists: the primary key refuses them all otherwise. Faster than the next by a ninth.
    pub(crate) INSERT_NEW: "funds.insert_new_reports"
        (UUID, UUID, UUID_ARRAY, DATE_ARRAY, INT8_ARRAY, INT8_ARRAY, INT8_ARRAY, INT8_ARRAY, INT8_ARRAY) -> ()
        = "insert into funds.position_report (tenant_id, import_id, allocation_id, as_of, commitment_minor, called_minor, \
             distributed_minor, value_minor, line) \
           select $1, $2, n.* from unnest($3::uuid[], $4::date[], $5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::int8[]) as n";
    /// Enter reports; one that exists, from whatever import, stays as it is.
    pub(crate) INSERT_REPORTS: "funds.insert_reports"
        (UUID, UUID, UUID_ARRAY, DATE_ARRAY, INT8_ARRAY, INT8_ARRAY, INT8_ARRAY, INT8_ARRAY, INT8_ARRAY) -> ()
        = "insert into funds.position_report (tenant_id, import_id, allocation_id, as_of, commitment_minor, called_minor, \
             distributed_minor, value_minor, line) \
           select $1, $2, n.* from unnest($3::uuid[], $4::date[], $5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::int8[]) as n \
           on conflict (tenant_id, allocation_id, as_of) do nothing";
    /// Lock the reports that were there before these, and say how they differ: ordinal, same import, same amounts, their line.
    pub(crate) LOCK_EXISTING: "funds.lock_existing_reports"
        (UUID, UUID, UUID_ARRAY, DATE_ARRAY, INT8_ARRAY, INT8_ARRAY, INT8_ARRAY, INT8_ARRAY, INT8_ARRAY)
        -> (INT8, BOOL, BOOL, INT8)
        = "select n.n, p.import_id is not distinct from $2, \
             (p.commitment_minor, p.called_minor, p.distributed_minor, p.value_minor) \
               is not distinct from (n.commitment, n.called, n.distributed, n.value), \
             coalesce(p.line, 0) \
           from unnest($3::uuid[], $4::date[], $5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::int8[]) \
             with ordinality as n (allocation_id, as_of, commitment, called, distributed, value, line, n) \
           cross join lateral (select r.import_id, r.line, r.commitment_minor, r.called_minor, r.distributed_minor, r.value_minor \
             from funds.position_report r \
             where r.tenant_id = $1 and r.allocation_id = n.allocation_id and r.as_of = n.as_of for update) p \
           where (p.import_id, p.line) is distinct from ($2, n.line)";
    /// Give reports of other imports, or of people, these amounts, and the stamp of this one.
    pub(crate) UPDATE_REPORTS: "funds.update_reports"
        (UUID, UUID, UUID_ARRAY, DATE_ARRAY, INT8_ARRAY, INT8_ARRAY, INT8_ARRAY, INT8_ARRAY, INT8_ARRAY) -> ()
        = "insert into funds.position_report as r (tenant_id, import_id, allocation_id, as_of, commitment_minor, called_minor, \
             distributed_minor, value_minor, line) \
           select $1, $2, n.* from unnest($3::uuid[], $4::date[], $5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::int8[]) as n \
           on conflict (tenant_id, allocation_id, as_of) do update set version = r.version + 1, reported_by = null, \
             reported_at = null, import_id = excluded.import_id, line = excluded.line, \
             commitment_minor = excluded.commitment_minor, called_minor = excluded.called_minor, \
             distributed_minor = excluded.distributed_minor, value_minor = excluded.value_minor";
}

/// A report and the line that makes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report {
    pub(crate) allocation: AllocationId,
    pub(crate) as_of: Date,
    pub(crate) amounts: Amounts,
    pub(crate) line: i64,
}

/// A report that was there before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Existing {
    /// Which of the reports asked for it is.
    pub(crate) index: usize,
    /// Whether an earlier line of this very import made or confirmed it.
    pub(crate) same_import: bool,
    /// Whether it says the same.
    pub(crate) same_amounts: bool,
    /// The line that made it, of the import that made it; 0 for one that a person entered.
    pub(crate) line: i64,
}

/// Reports as columns, as `unnest` takes them.
#[derive(Debug)]
pub(crate) struct Columns {
    allocations: Vec<Uuid>,
    dates: Vec<Date>,
    commitments: Vec<i64>,
    called: Vec<Option<i64>>,
    distributed: Vec<Option<i64>>,
    values: Vec<Option<i64>>,
    lines: Vec<i64>,
}

impl Columns {
    pub(crate) fn of(reports: &[Report]) -> Self {
        let count = reports.len();
        let mut columns = Self {
            allocations: Vec::with_capacity(count),
            dates: Vec::with_capacity(count),
            commitments: Vec::with_capacity(count),
            called: Vec::with_capacity(count),
            distributed: Vec::with_capacity(count),
            values: Vec::with_capacity(count),
            lines: Vec::with_capacity(count),
        };
        for report in reports {
            columns.allocations.push(report.allocation.uuid());
            columns.dates.push(report.as_of);
            columns.commitments.push(report.amounts.commitment);
            columns.called.push(report.amounts.called);
            columns.distributed.push(report.amounts.distributed);
            columns.values.push(report.amounts.value);
            columns.lines.push(report.line);
        }
        columns
    }

    fn params<'a>(&'a self, tenant: &'a Uuid, import: &'a Uuid) -> [&'a (dyn ToSql + Sync); 9] {
        [
            tenant,
            import,
            &self.allocations,
            &self.dates,
            &self.commitments,
            &self.called,
            &self.distributed,
            &self.values,
            &self.lines,
        ]
    }
}

/// Enter reports that are believed to be new.
///
/// Errors: [`Error::ReportExists`] if one is not; nothing of the transaction can be kept then.
pub(crate) async fn insert_new(
    tx: &mut Tx,
    import: ImportId,
    columns: &Columns,
) -> Result<u64, Error> {
    let tenant = tx.principal()?.tenant.uuid();
    let inserted = tx.execute(&INSERT_NEW, &columns.params(&tenant, &import.uuid())).await;
    on_constraint(inserted, |name| (name == "position_report_pkey").then_some(Error::ReportExists))
}

/// Enter what is new; gives how many were.
pub(crate) async fn insert(tx: &mut Tx, import: ImportId, columns: &Columns) -> Result<u64> {
    let tenant = tx.principal()?.tenant.uuid();
    tx.execute(&INSERT_REPORTS, &columns.params(&tenant, &import.uuid())).await
}

/// Lock and compare those that were there before.
pub(crate) async fn lock_existing(
    tx: &mut Tx,
    import: ImportId,
    columns: &Columns,
) -> Result<Vec<Existing>> {
    let tenant = tx.principal()?.tenant.uuid();
    let rows = tx.query(&LOCK_EXISTING, &columns.params(&tenant, &import.uuid())).await?;
    let existing = rows.iter().map(|row| Existing {
        index: row.get::<_, i64>(0) as usize - 1,
        same_import: row.get(1),
        same_amounts: row.get(2),
        line: row.get(3),
    });
    Ok(existing.collect())
}

/// Give reports of other imports new amounts and our stamp.
pub(crate) async fn update(tx: &mut Tx, import: ImportId, columns: &Columns) -> Result<u64> {
    let tenant = tx.principal()?.tenant.uuid();
    tx.execute(&UPDATE_REPORTS, &columns.params(&tenant, &import.uuid())).await
}
