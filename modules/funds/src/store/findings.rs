//! `funds.import_finding`.

use underpin::base::Principal;
use underpin::db::{Db, Result, Row, Tx, statements};

use crate::{import::Finding, model::ImportId};

/// Findings kept of one import; all are counted.
pub(crate) const FINDINGS_MAX: i64 = 10_000;

statements! {
    /// Keep findings, numbered from $3 + 1 on.
    pub(crate) INSERT_FINDINGS: "funds.insert_findings"
        (UUID, UUID, INT8, INT8_ARRAY, TEXT_ARRAY, TEXT_ARRAY, TEXT_ARRAY, TEXT_ARRAY, TEXT_ARRAY) -> ()
        = "insert into funds.import_finding (tenant_id, import_id, seq, line, column_name, severity, code, value, message) \
           select $1, $2, $3 + n.n, n.line, n.column_name, n.severity, n.code, n.value, n.message \
           from unnest($4::int8[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[]) \
             with ordinality as n (line, column_name, severity, code, value, message, n)";
    /// Findings of an import after a place, both severities.
    pub(crate) LIST_FINDINGS: "funds.list_findings" (UUID, UUID, INT8, INT8)
        -> (INT8, INT8, TEXT, TEXT, TEXT, TEXT, TEXT)
        = "select seq, line, column_name, severity, code, value, message from funds.import_finding \
           where tenant_id = $1 and import_id = $2 and seq > $3 order by seq limit $4";
    /// Findings of one severity.
    pub(crate) LIST_FINDINGS_OF: "funds.list_findings_of" (UUID, UUID, INT8, INT8, TEXT)
        -> (INT8, INT8, TEXT, TEXT, TEXT, TEXT, TEXT)
        = "select seq, line, column_name, severity, code, value, message from funds.import_finding \
           where tenant_id = $1 and import_id = $2 and severity = $5 and seq > $3 order by seq limit $4";
}

/// A finding that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFinding {
    /// Its place among all findings of the file.
    pub seq: i64,
    /// The line on which the row begins.
    pub line: i64,
    /// The column as the file calls it.
    pub column: String,
    /// `error` or `warning`.
    pub severity: String,
    /// What is wrong.
    pub code: String,
    /// The cell.
    pub value: String,
    /// What is wrong, for a person.
    pub message: String,
}

/// Keep the first [`FINDINGS_MAX`] of an import; `before` were found earlier.
pub(crate) async fn insert(
    tx: &mut Tx,
    import: ImportId,
    before: i64,
    findings: &[Finding],
) -> Result<()> {
    let room = usize::try_from(FINDINGS_MAX - before).unwrap_or(0).min(findings.len());
    let findings = &findings[..room];
    if findings.is_empty() {
        return Ok(());
    }
    let (tenant, import) = (tx.principal()?.tenant.uuid(), import.uuid());
    let lines: Vec<i64> = findings.iter().map(|finding| finding.line).collect();
    let columns: Vec<&str> = findings.iter().map(|finding| finding.column.as_str()).collect();
    let severities: Vec<&str> = findings.iter().map(|f| f.code.severity().as_str()).collect();
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    let values: Vec<&str> = findings.iter().map(|finding| finding.value.as_str()).collect();
    let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    tx.execute(
        &INSERT_FINDINGS,
        &[&tenant, &import, &before, &lines, &columns, &severities, &codes, &values, &messages],
    )
    .await?;
    Ok(())
}

/// Findings of an import after a place, of one severity or of both.
pub(crate) async fn list(
    db: &Db,
    principal: Principal,
    import: ImportId,
    severity: Option<&str>,
    after: i64,
    limit: i64,
) -> Result<Vec<KeptFinding>> {
    let (tenant, import) = (principal.tenant.uuid(), import.uuid());
    let rows = match severity {
        None => db.query(principal, &LIST_FINDINGS, &[&tenant, &import, &after, &limit]).await?,
        Some(of) => {
            let params: [&(dyn underpin::db::ToSql + Sync); 5] =
                [&tenant, &import, &after, &limit, &of];
            db.query(principal, &LIST_FINDINGS_OF, &params).await?
        }
    };
    Ok(rows.iter().map(kept).collect())
}

fn kept(row: &Row) -> KeptFinding {
    KeptFinding {
        seq: row.get(0),
        line: row.get(1),
        column: row.get(2),
        severity: row.get(3),
        code: row.get(4),
        value: row.get(5),
        message: row.get(6),
    }
}
