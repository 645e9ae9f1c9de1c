//! Imports and what was found in them.

use underpin::base::{BadCursor, Cursor, Page, PageQuery, Principal};
use underpin::db::Db;

use crate::{
    Error, Result,
    import::Severity,
    model::ImportId,
    store::{
        findings::{self, KeptFinding},
        imports::{self, Import},
    },
};

/// One import.
///
/// Errors: [`Error::NotStaff`] for an outside person, [`Error::NoImport`].
pub async fn get_import(db: &Db, principal: Principal, id: ImportId) -> Result<Import> {
    must_be_staff(principal)?;
    imports::find(db, principal, id).await?.ok_or(Error::NoImport(id))
}

/// Imports, newest first.
pub async fn list_imports(db: &Db, principal: Principal, page: &PageQuery) -> Result<Page<Import>> {
    must_be_staff(principal)?;
    let list = format!("{} imports", principal.tenant);
    let before = page.cursor.as_ref().map(|cursor| read::<ImportId>(cursor, &list)).transpose()?;
    let before = before.unwrap_or(ImportId::from_uuid(uuid::Uuid::max()));
    let found = imports::list(db, principal, before, i64::from(page.limit) + 1).await?;
    Ok(Page::from_surplus(found, page.limit, |last| Cursor::new(&list, &[&last.id.to_string()])))
}

/// What was found in an import, in the file's order, of one severity or of both.
pub async fn list_findings(
    db: &Db,
    principal: Principal,
    id: ImportId,
    severity: Option<Severity>,
    page: &PageQuery,
) -> Result<Page<KeptFinding>> {
    get_import(db, principal, id).await?;
    let severity = severity.map(Severity::as_str);
    let list = format!("{} findings {id} {}", principal.tenant, severity.unwrap_or_default());
    let after = page.cursor.as_ref().map(|cursor| read::<i64>(cursor, &list)).transpose()?;
    let limit = i64::from(page.limit) + 1;
    let found = findings::list(db, principal, id, severity, after.unwrap_or(0), limit).await?;
    Ok(Page::from_surplus(found, page.limit, |last| Cursor::new(&list, &[&last.seq.to_string()])))
}

/// Findings after a place, for one who reads all.
pub async fn findings_after(
    db: &Db,
    principal: Principal,
    id: ImportId,
    after: i64,
    limit: i64,
) -> Result<Vec<KeptFinding>> {
    Ok(findings::list(db, principal, id, None, after, limit).await?)
}

fn read<T: std::str::FromStr>(cursor: &Cursor, list: &str) -> Result<T, BadCursor> {
    let [text] = cursor.parts(list)?;
    text.parse().map_err(|_| BadCursor)
}

/// Outside persons do not see imports at all; row level security holds it too.
pub(crate) fn must_be_staff(principal: Principal) -> Result<()> {
    if principal.role.is_staff() { Ok(()) } else { Err(Error::NotStaff) }
}
