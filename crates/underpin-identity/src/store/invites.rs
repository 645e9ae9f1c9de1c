//! Invites into a tenant.

use jiff::Timestamp;
use underpin_base::{Cursor, Page, PageQuery, Principal, Role, TenantId, UserId};
use underpin_db::{Db, Purpose, Scope, Tx};
use uuid::Uuid;

use crate::{
    Error, Result,
    model::{Email, Invite, InviteId, InviteView, User, read_role, user_id},
    token::TokenDigest,
};

underpin_db::statements! {
    /// What the holder of a link may know.
    pub(crate) LOOK_UP: "identity.look_up_invite" (TEXT, TIMESTAMPTZ)
        -> (UUID, UUID, TEXT, TEXT, TEXT, TEXT, TIMESTAMPTZ, BOOL) = "
        select i.tenant_id, i.id, t.slug, t.name, i.email, i.role, i.expires_at,
               exists (select from underpin.user_account u where u.email_key = i.email_key)
        from underpin.invite i join underpin.tenant t on t.id = i.tenant_id
        where i.token_hash = $1 and i.accepted_at is null and i.revoked_at is null
          and i.expires_at > $2 and t.suspended_at is null";

    /// Use an invite up; no row if it was used, revoked or has ended.
    pub(crate) ACCEPT: "identity.accept_invite" (UUID, UUID, UUID, TIMESTAMPTZ) -> (TEXT, UUID) = "
        update underpin.invite set accepted_at = $4, accepted_by = $3
        where tenant_id = $1 and id = $2 and accepted_at is null and revoked_at is null and expires_at > $4
        returning role, investor_id";

    /// A new invite.
    pub(crate) INSERT: "identity.insert_invite"
        (UUID, UUID, TEXT, TEXT, TEXT, UUID, TEXT, UUID, TIMESTAMPTZ, TIMESTAMPTZ) -> () = "
        insert into underpin.invite (tenant_id, id, email, email_key, role, investor_id, token_hash,
                                     created_by, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    /// Revoke the open invite of a mail: a new one takes its place.
    pub(crate) REPLACE: "identity.replace_invite" (UUID, TEXT, TIMESTAMPTZ, UUID) -> () = "
        update underpin.invite set revoked_at = $3, revoked_by = $4
        where tenant_id = $1 and email_key = $2 and accepted_at is null and revoked_at is null";

    /// Revoke one; no row if it is not open.
    pub(crate) REVOKE: "identity.revoke_invite" (UUID, UUID, TIMESTAMPTZ, UUID) -> () = "
        update underpin.invite set revoked_at = $3, revoked_by = $4
        where tenant_id = $1 and id = $2 and accepted_at is null and revoked_at is null and expires_at > $3";

    /// A page of open invites, newest first (ids are ordered by time).
    pub(crate) LIST: "identity.list_invites" (UUID, TIMESTAMPTZ, UUID, INT8)
        -> (UUID, TEXT, TEXT, TIMESTAMPTZ, TIMESTAMPTZ, UUID, TEXT, TEXT) = "
        select i.id, i.email, i.role, i.created_at, i.expires_at, i.created_by, coalesce(u.email, ''), coalesce(u.name, k.name, '')
        from underpin.invite i left join underpin.user_account u on u.id = i.created_by
        left join underpin.api_key k on k.tenant_id = i.tenant_id and k.id = i.created_by
        where i.tenant_id = $1 and i.accepted_at is null and i.revoked_at is null and i.expires_at > $2
          and ($3::uuid is null or i.id < $3)
        order by i.id desc limit $4";

    /// Delete a batch of invites that ended before `$1`.
    pub(crate) SWEEP: "identity.sweep_invites" (TIMESTAMPTZ, INT8) -> (UUID) = "
        delete from underpin.invite i using (
            select tenant_id, id from underpin.invite where expires_at < $1 order by expires_at limit $2
        ) old where i.tenant_id = old.tenant_id and i.id = old.id returning i.id";
}

/// What the holder of a link may know; `None` if it leads nowhere.
pub(crate) async fn look_up(
    db: &Db,
    digest: &TokenDigest,
    now: Timestamp,
) -> Result<Option<InviteView>> {
    let scope = Scope::Presented(digest.as_str().to_owned());
    let row = db.query_opt(scope, &LOOK_UP, &[&digest.as_str(), &now]).await?;
    row.map(|row| {
        Ok(InviteView {
            tenant: TenantId::from_uuid(row.get(0)),
            id: InviteId::from_uuid(row.get(1)),
            tenant_slug: row.get(2),
            tenant_name: row.get(3),
            email: row.get(4),
            role: read_role(row.get(5))?,
            expires_at: row.get(6),
            known: row.get(7),
        })
    })
    .transpose()
}

/// What an invite grants.
pub(crate) struct Grant {
    pub(crate) role: Role,
    pub(crate) investor: Option<Uuid>,
}

/// Use an invite up; `None` if it is no longer open.
pub(crate) async fn accept(
    tx: &mut Tx,
    tenant: TenantId,
    invite: InviteId,
    user: UserId,
    now: Timestamp,
) -> Result<Option<Grant>> {
    let params: &[&(dyn underpin_db::ToSql + Sync)] =
        &[&tenant.uuid(), &invite.uuid(), &user.uuid(), &now];
    let row = tx.query_opt(&ACCEPT, params).await?;
    row.map(|row| Ok(Grant { role: read_role(row.get(0))?, investor: row.get(1) })).transpose()
}

/// An invite to be stored.
pub(crate) struct NewInvite<'a> {
    pub(crate) id: InviteId,
    pub(crate) email: &'a Email,
    pub(crate) role: Role,
    pub(crate) investor: Option<Uuid>,
    pub(crate) digest: &'a TokenDigest,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// Store an invite in the place of an open one for the same mail.
pub(crate) async fn insert(tx: &mut Tx, by: Principal, invite: &NewInvite<'_>) -> Result<()> {
    let NewInvite { id, email, role, investor, digest, now, expires_at } = invite;
    let (tenant, subject) = (by.tenant.uuid(), by.subject.uuid());
    tx.execute(&REPLACE, &[&tenant, &email.key(), now, &subject]).await?;
    tx.execute(
        &INSERT,
        &[
            &tenant,
            &id.uuid(),
            &email.as_str(),
            &email.key(),
            &role.as_str(),
            investor,
            &digest.as_str(),
            &subject,
            now,
            expires_at,
        ],
    )
    .await?;
    Ok(())
}

/// Revoke an open invite; false if there is none.
pub(crate) async fn revoke(
    tx: &mut Tx,
    by: Principal,
    invite: InviteId,
    now: Timestamp,
) -> Result<bool> {
    let params: &[&(dyn underpin_db::ToSql + Sync)] =
        &[&by.tenant.uuid(), &invite.uuid(), &now, &by.subject.uuid()];
    Ok(tx.execute(&REVOKE, params).await? == 1)
}

/// A page of open invites.
pub(crate) async fn list(
    db: &Db,
    principal: Principal,
    query: &PageQuery,
    list: &str,
    now: Timestamp,
) -> Result<Page<Invite>> {
    let before = match &query.cursor {
        Some(cursor) => {
            let [id] = cursor.parts(list).map_err(|_| Error::BadCursor)?;
            Some(id.parse::<InviteId>().map_err(|_| Error::BadCursor)?.uuid())
        }
        None => None,
    };
    let surplus = i64::from(query.limit) + 1;
    let params: &[&(dyn underpin_db::ToSql + Sync)] =
        &[&principal.tenant.uuid(), &now, &before, &surplus];
    let rows = db.query(principal, &LIST, params).await?;
    let invites = rows
        .iter()
        .map(|row| {
            Ok(Invite {
                id: InviteId::from_uuid(row.get(0)),
                email: row.get(1),
                role: read_role(row.get(2))?,
                created_at: row.get(3),
                expires_at: row.get(4),
                invited_by: User { id: user_id(row.get(5)), email: row.get(6), name: row.get(7) },
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Page::from_surplus(invites, query.limit, |invite| {
        Cursor::new(list, &[&invite.id.to_string()])
    }))
}

/// Delete one batch; says how many.
pub(crate) async fn sweep(db: &Db, ended_before: Timestamp, batch: i64) -> Result<usize> {
    Ok(db.query(Scope::System(Purpose::Sweep), &SWEEP, &[&ended_before, &batch]).await?.len())
}
