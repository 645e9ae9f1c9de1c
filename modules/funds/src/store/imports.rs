//! `funds.fund_import`.

use jiff::Timestamp;
use underpin::base::{Principal, UserId};
use underpin::db::{Db, Error, Result, Row, Tx, statements};
use underpin::files::UploadId;
use uuid::Uuid;

use crate::model::ImportId;

/// What [`import`] reads, in its order. An import whose job is a dead letter was given up: it says so until somebody runs the job again.
macro_rules! import {
    () => {
        "select i.id, i.upload_id, i.job_id, i.kind, i.object_key, i.filename, i.bytes, i.sha256, i.currency, i.rows_read, \
           i.rows_applied, i.rows_unchanged, i.rows_refused, i.warnings, i.bytes_read, \
           case when d.id is null then i.error_code else 'given_up' end, \
           case when d.id is null then i.error_message \
             else 'it was given up after repeated failures; an operator can run its job again' end, \
           i.created_by, i.created_at, i.started_at, coalesce(i.finished_at, d.died_at), i.version, coalesce(u.name, '') \
         from funds.fund_import i left join underpin.user_account u on u.id = i.created_by \
         left join underpin.job_dead d on d.id = i.job_id and i.finished_at is null"
    };
}

statements! {
    /// An import that waits for its job.
    pub(crate) INSERT_IMPORT: "funds.insert_import"
        (UUID, UUID, UUID, UUID, TEXT, TEXT, INT8, BYTEA, TEXT, UUID, TIMESTAMPTZ) -> ()
        = "insert into funds.fund_import (tenant_id, id, upload_id, job_id, kind, object_key, filename, bytes, sha256, currency, \
             created_by, created_at, summed_at) \
           values ($1, $2, $3, $4, 'funds', $5, $6, $7, $8, $9, $10, $11, $11)";
    /// One import.
    pub(crate) GET_IMPORT: "funds.get_import" (UUID, UUID)
        -> (UUID, UUID, UUID, TEXT, TEXT, TEXT, INT8, BYTEA, TEXT, INT8, INT8, INT8, INT8, INT8, INT8, TEXT, TEXT, UUID,
            TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, INT8, TEXT)
        = concat!(import!(), " where i.tenant_id = $1 and i.id = $2");
    /// Imports before an id: ids are ordered by the time they were made.
    pub(crate) LIST_IMPORTS: "funds.list_imports" (UUID, UUID, INT8)
        -> (UUID, UUID, UUID, TEXT, TEXT, TEXT, INT8, BYTEA, TEXT, INT8, INT8, INT8, INT8, INT8, INT8, TEXT, TEXT, UUID,
            TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, INT8, TEXT)
        = concat!(import!(), " where i.tenant_id = $1 and i.id < $2 order by i.id desc limit $3");
    /// Add a chunk's counts to an import that is not over; tells how many findings there were before, and how much was deleted.
    pub(crate) ADD_COUNTS: "funds.add_import_counts"
        (UUID, UUID, INT8, INT8, INT8, INT8, INT8, INT8, INT8, TIMESTAMPTZ)
        -> (INT8, INT8, INT8, INT8, INT8, INT8, INT8, INT8)
        = "update funds.fund_import set rows_read = rows_read + $3, rows_applied = rows_applied + $4, \
             rows_unchanged = rows_unchanged + $5, rows_refused = rows_refused + $6, warnings = warnings + $7, \
             findings = findings + $8, bytes_read = $9, started_at = coalesce(started_at, $10), version = version + 1, \
             summed_at = case when $4 = 0 then summed_at end \
           where tenant_id = $1 and id = $2 and finished_at is null \
           returning rows_read, rows_applied, rows_unchanged, rows_refused, warnings, findings - $8, version, deletions";
    /// How much of the book was deleted since an import was sent.
    pub(crate) GET_DELETIONS: "funds.get_import_deletions" (UUID, UUID) -> (INT8)
        = "select deletions from funds.fund_import where tenant_id = $1 and id = $2";
    /// An import is over, well or not; 0 rows if it was already.
    pub(crate) FINISH_IMPORT: "funds.finish_import" (UUID, UUID, INT8, TEXT, TEXT, TIMESTAMPTZ)
        -> (INT8, INT8, INT8, INT8, INT8, INT8, INT8)
        = "update funds.fund_import set bytes_read = coalesce($3, bytes_read), error_code = $4, error_message = $5, \
             started_at = coalesce(started_at, $6), finished_at = $6, version = version + 1 \
           where tenant_id = $1 and id = $2 and finished_at is null \
           returning rows_read, rows_applied, rows_unchanged, rows_refused, warnings, bytes_read, version";
}

/// How many rows met which fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// All of them.
    pub read: i64,
    /// New, or with other amounts than before.
    pub applied: i64,
    /// The same as before.
    pub unchanged: i64,
    /// Not taken; each has a finding of severity `error`.
    pub refused: i64,
    /// Findings of severity `warning`.
    pub warnings: i64,
}

/// One file of position reports and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// The file.
    pub upload: UploadId,
    /// The job that applies it.
    pub job: Uuid,
    /// `funds`.
    pub kind: String,
    /// Where the bytes lie.
    pub object_key: String,
    /// As the sender calls it.
    pub filename: String,
    /// Its size.
    pub bytes: i64,
    /// The digest of its bytes.
    pub sha256: Vec<u8>,
    /// Of rows that name none.
    pub currency: String,
    /// What became of its rows so far.
    pub counts: Counts,
    /// How far it was read.
    pub bytes_read: i64,
    /// Why it failed: code and message.
    pub error: Option<(String, String)>,
    /// Who sent it.
    pub created_by: UserId,
    /// Their name; empty for one who is no member any more.
    pub created_by_name: String,
    /// When.
    pub created_at: Timestamp,
    /// When its first chunk was applied.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
    /// Counts its changes.
    pub version: i64,
}

impl Import {
    /// `queued`, `running`, `done` or `failed`.
    pub const fn state(&self) -> &'static str {
        match (&self.started_at, &self.finished_at, &self.error) {
            (_, Some(_), None) => "done",
            (_, Some(_), Some(_)) => "failed",
            (Some(_), None, _) => "running",
            (None, None, _) => "queued",
        }
    }
}

/// What changed by a chunk or by the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Changed {
    /// All counts so far.
    pub(crate) counts: Counts,
    /// After a chunk: findings before it. After the end: bytes read.
    pub(crate) extra: i64,
    pub(crate) version: i64,
}

/// How much of the book was deleted since the import was sent.
pub(crate) async fn deletions(db: &Db, principal: Principal, id: ImportId) -> Result<i64> {
    let params = [&principal.tenant.uuid() as _, &id.uuid() as _];
    Ok(db.query_one(principal, &GET_DELETIONS, &params).await?.get(0))
}

/// Enter an import.
pub(crate) async fn insert(tx: &mut Tx, import: &Import) -> Result<()> {
    let tenant = tx.principal()?.tenant.uuid();
    let (id, upload, by) = (import.id.uuid(), import.upload.uuid(), import.created_by.uuid());
    tx.execute(
        &INSERT_IMPORT,
        &[
            &tenant,
            &id,
            &upload,
            &import.job,
            &import.object_key,
            &import.filename,
            &import.bytes,
            &import.sha256,
            &import.currency,
            &by,
            &import.created_at,
        ],
    )
    .await?;
    Ok(())
}

/// One import, if the principal may see it.
pub(crate) async fn find(db: &Db, principal: Principal, id: ImportId) -> Result<Option<Import>> {
    let row = db.query_opt(principal, &GET_IMPORT, &[&principal.tenant.uuid(), &id.uuid()]).await?;
    Ok(row.as_ref().map(import))
}

/// Imports, newest first, before an id.
pub(crate) async fn list(
    db: &Db,
    principal: Principal,
    before: ImportId,
    limit: i64,
) -> Result<Vec<Import>> {
    let (tenant, before) = (principal.tenant.uuid(), before.uuid());
    let rows = db.query(principal, &LIST_IMPORTS, &[&tenant, &before, &limit]).await?;
    Ok(rows.iter().map(import).collect())
}

/// Add a chunk's counts; gives also how much of the book was deleted since the import was sent.
///
/// Errors: [`Error::NotFound`] if the import is over or not there.
pub(crate) async fn add_counts(
    tx: &mut Tx,
    id: ImportId,
    counts: &Counts,
    findings: i64,
    bytes_read: i64,
    at: Timestamp,
) -> Result<(Changed, i64)> {
    let (tenant, id) = (tx.principal()?.tenant.uuid(), id.uuid());
    let row = tx
        .query_one(
            &ADD_COUNTS,
            &[
                &tenant,
                &id,
                &counts.read,
                &counts.applied,
                &counts.unchanged,
                &counts.refused,
                &counts.warnings,
                &findings,
                &bytes_read,
                &at,
            ],
        )
        .await?;
    Ok((changed(&row), row.get(7)))
}

/// End an import.
///
/// Errors: [`Error::NotFound`] if the import is over or not there.
pub(crate) async fn finish(
    tx: &mut Tx,
    id: ImportId,
    bytes_read: Option<i64>,
    error: Option<(&str, &str)>,
    at: Timestamp,
) -> Result<Changed> {
    let (tenant, id) = (tx.principal()?.tenant.uuid(), id.uuid());
    let (code, message) = error.unzip();
    let row =
        tx.query_one(&FINISH_IMPORT, &[&tenant, &id, &bytes_read, &code, &message, &at]).await;
    row.map(|row| changed(&row))
}

/// Whether the error says that the import is over already.
pub(crate) fn is_over(error: &Error) -> bool {
    matches!(error, Error::NotFound(name) if *name == ADD_COUNTS.name || *name == FINISH_IMPORT.name)
}

fn changed(row: &Row) -> Changed {
    let counts = Counts {
        read: row.get(0),
        applied: row.get(1),
        unchanged: row.get(2),
        refused: row.get(3),
        warnings: row.get(4),
    };
    Changed { counts, extra: row.get(5), version: row.get(6) }
}

fn import(row: &Row) -> Import {
    let code: Option<String> = row.get(15);
    Import {
        id: ImportId::from_uuid(row.get(0)),
        upload: UploadId::from_uuid(row.get(1)),
        job: row.get(2),
        kind: row.get(3),
        object_key: row.get(4),
        filename: row.get(5),
        bytes: row.get(6),
        sha256: row.get(7),
        currency: row.get(8),
        counts: Counts {
            read: row.get(9),
            applied: row.get(10),
            unchanged: row.get(11),
            refused: row.get(12),
            warnings: row.get(13),
        },
        bytes_read: row.get(14),
        error: code.zip(row.get(16)),
        created_by: UserId::from_uuid(row.get(17)),
        created_by_name: row.get(22),
        created_at: row.get(18),
        started_at: row.get(19),
        finished_at: row.get(20),
        version: row.get(21),
    }
}
