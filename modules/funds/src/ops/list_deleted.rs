//! What was deleted and can be brought back.

use jiff::Timestamp;
use underpin::base::{BadCursor, Cursor, Page, PageQuery, Principal};
use underpin::db::Db;
use uuid::Uuid;

use super::list_imports::must_be_staff;
use crate::{
    Result,
    store::deleted::{self, Deleted},
};

/// What was deleted after `since`, newest first.
///
/// Errors: [`crate::Error::NotStaff`] for an outside person, [`crate::Error::BadCursor`]. Cost: one statement.
pub async fn list_deleted(
    db: &Db,
    principal: Principal,
    page: &PageQuery,
    since: Timestamp,
) -> Result<Page<Deleted>> {
    must_be_staff(principal)?;
    let list = format!("{} deleted", principal.tenant);
    let after = page.cursor.as_ref().map(|cursor| read(cursor, &list)).transpose()?;
    let after = after.unwrap_or((Timestamp::MAX, Uuid::max()));
    let found = deleted::list(db, principal, since, after, i64::from(page.limit) + 1).await?;
    let cursor =
        |last: &Deleted| Cursor::new(&list, &[&last.deleted_at.to_string(), &last.id.to_string()]);
    Ok(Page::from_surplus(found, page.limit, cursor))
}

fn read(cursor: &Cursor, list: &str) -> Result<(Timestamp, Uuid), BadCursor> {
    let [at, id] = cursor.parts(list)?;
    Ok((at.parse().map_err(|_| BadCursor)?, id.parse().map_err(|_| BadCursor)?))
}
