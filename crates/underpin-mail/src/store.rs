//! Mails.

use jiff::Timestamp;
use underpin_base::TenantId;
use underpin_db::{Db, Purpose, Row, Scope, Tx};

use crate::{MailId, Result};

underpin_db::statements! {
    /// Post a mail; nothing is written if its key was mailed before.
    pub(crate) INSERT: "mail.insert_mail" (UUID, UUID, TEXT, TEXT, BYTEA, TIMESTAMPTZ, TIMESTAMPTZ) -> () = "
        insert into underpin.mail (id, tenant_id, dedupe_key, kind, sealed, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing";

    /// One mail.
    pub(crate) FIND: "mail.find_mail" (UUID) -> (UUID, UUID, TEXT, BYTEA, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ) = "
        select id, tenant_id, kind, sealed, created_at, expires_at, sent_at from underpin.mail where id = $1";

    /// Say that a mail was sent; what it said is kept only where it is to be shown.
    pub(crate) UPDATE_SENT: "mail.update_sent" (UUID, TIMESTAMPTZ, BOOL) -> () = "
        update underpin.mail
        set sent_at = $2, refused_at = null, reason = null, sealed = case when $3 then sealed end
        where id = $1 and sent_at is null";

    /// Say that a mail will not be sent, and why.
    pub(crate) UPDATE_REFUSED: "mail.update_refused" (UUID, TIMESTAMPTZ, TEXT) -> () = "
        update underpin.mail set refused_at = $2, reason = $3 where id = $1 and sent_at is null";

    /// A page of mails that can still be read, newest first.
    pub(crate) LIST: "mail.list_mails" (UUID, INT8)
        -> (UUID, UUID, TEXT, BYTEA, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ) = "
        select id, tenant_id, kind, sealed, created_at, expires_at, sent_at from underpin.mail
        where sealed is not null and sent_at is not null and ($1::uuid is null or id < $1)
        order by id desc limit $2";

    /// Delete a batch of mails of before `$1`.
    pub(crate) SWEEP: "mail.sweep_mails" (TIMESTAMPTZ, INT8) -> (UUID) = "
        delete from underpin.mail where id in (
            select id from underpin.mail where created_at < $1 order by created_at limit $2) returning id";
}

/// A mail to be stored.
pub(crate) struct NewMail<'a> {
    pub(crate) id: MailId,
    pub(crate) tenant: Option<TenantId>,
    pub(crate) key: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) sealed: &'a [u8],
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
}

/// A mail as it is stored.
pub(crate) struct Stored {
    pub(crate) id: MailId,
    pub(crate) tenant: Option<TenantId>,
    pub(crate) kind: String,
    pub(crate) sealed: Option<Vec<u8>>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) sent_at: Option<Timestamp>,
}

/// Store a mail; false if its key was mailed before.
pub(crate) async fn insert(tx: &mut Tx, mail: &NewMail<'_>) -> Result<bool> {
    let NewMail { id, tenant, key, kind, sealed, now, expires_at } = mail;
    let tenant = tenant.map(TenantId::uuid);
    let params: &[&(dyn underpin_db::ToSql + Sync)] =
        &[&id.uuid(), &tenant, key, kind, sealed, now, expires_at];
    Ok(tx.execute(&INSERT, params).await? == 1)
}

/// One mail.
pub(crate) async fn find(db: &Db, scope: Scope, id: MailId) -> Result<Option<Stored>> {
    Ok(db.query_opt(scope, &FIND, &[&id.uuid()]).await?.as_ref().map(read))
}

/// Say that it was sent.
pub(crate) async fn update_sent(tx: &mut Tx, id: MailId, at: Timestamp, keep: bool) -> Result<()> {
    tx.execute(&UPDATE_SENT, &[&id.uuid(), &at, &keep]).await?;
    Ok(())
}

/// Say that it will not be sent.
pub(crate) async fn update_refused(
    db: &Db,
    scope: Scope,
    id: MailId,
    at: Timestamp,
    reason: &str,
) -> Result<()> {
    db.execute(scope, &UPDATE_REFUSED, &[&id.uuid(), &at, &reason]).await?;
    Ok(())
}

/// A page of mails that can be read.
pub(crate) async fn list(db: &Db, before: Option<MailId>, limit: i64) -> Result<Vec<Stored>> {
    let (scope, before) = (Scope::System(Purpose::Operate), before.map(MailId::uuid));
    let rows = db.query(scope, &LIST, &[&before, &limit]).await?;
    Ok(rows.iter().map(read).collect())
}

/// Delete one batch; says how many.
pub(crate) async fn sweep(db: &Db, before: Timestamp, batch: i64) -> Result<usize> {
    Ok(db.query(Scope::System(Purpose::Sweep), &SWEEP, &[&before, &batch]).await?.len())
}

fn read(row: &Row) -> Stored {
    Stored {
        id: MailId::from_uuid(row.get(0)),
        tenant: row.get::<_, Option<uuid::Uuid>>(1).map(TenantId::from_uuid),
        kind: row.get(2),
        sealed: row.get(3),
        created_at: row.get(4),
        expires_at: row.get(5),
        sent_at: row.get(6),
    }
}
