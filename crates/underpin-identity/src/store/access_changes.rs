//! Whose access changed, in an order that commits keep.

use jiff::Timestamp;
use underpin_db::{Db, Purpose, Scope};
use uuid::Uuid;

use crate::{Error, Result};

const ACCESS: Scope = Scope::System(Purpose::Access);

underpin_db::statements! {
    /// What no statement before transaction `$1` was over could see (null: nothing), and the oldest transaction that is not over now.
    pub(crate) LIST: "identity.list_access_changes" (INT8, INT8) -> (INT8, INT8, TEXT, UUID) = "
        select pg_snapshot_xmin(pg_current_snapshot())::text::int8, c.id, c.kind, c.subject
        from (values (1)) as look left join underpin.access_change c on c.xid >= $1
        order by c.xid limit $2";

    /// Delete a batch of what every process has read.
    pub(crate) SWEEP: "identity.sweep_access_changes" (TIMESTAMPTZ, INT8) -> (INT8) = "
        delete from underpin.access_change where id in (
            select id from underpin.access_change where changed_at < $1 order by changed_at limit $2)
        returning id";
}

/// Whose access changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    Session(Uuid),
    Person(Uuid),
    Tenant(Uuid),
    Key(Uuid),
}

/// What one look found.
pub(crate) struct Look {
    /// Where the next look begins.
    pub(crate) next: i64,
    /// What changed, each with its number; what was still running at the last look may come a second time.
    pub(crate) changes: Vec<(i64, Changed)>,
}

/// What changed from `since` on; at most `limit`. One round trip, as `system`.
pub(crate) async fn list(db: &Db, since: Option<i64>, limit: usize) -> Result<Look> {
    let rows = db.query(ACCESS, &LIST, &[&since, &(limit as i64)]).await?;
    let next = rows.first().ok_or(Error::Corrupt("access changes"))?.get(0);
    let mut changes = Vec::new();
    for row in &rows {
        let Some(id) = row.get::<_, Option<i64>>(1) else { continue };
        let subject: Uuid = row.get(3);
        let change = match row.get(2) {
            "session" => Changed::Session(subject),
            "person" => Changed::Person(subject),
            "tenant" => Changed::Tenant(subject),
            "key" => Changed::Key(subject),
            _ => return Err(Error::Corrupt("access change")),
        };
        changes.push((id, change));
    }
    Ok(Look { next, changes })
}

/// Delete one batch; says how many.
pub(crate) async fn sweep(db: &Db, before: Timestamp, batch: i64) -> Result<usize> {
    Ok(db.query(Scope::System(Purpose::Sweep), &SWEEP, &[&before, &batch]).await?.len())
}
