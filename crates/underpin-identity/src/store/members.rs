//! Members of a tenant.

use jiff::Timestamp;
use underpin_base::{Cursor, Page, PageQuery, Principal, Role, TenantId, UserId};
use underpin_db::{Db, Row, Tx, on_constraint};
use uuid::Uuid;

use crate::{
    Error, Result,
    model::{Member, User, read_role, user_id},
};

underpin_db::statements! {
    /// A page of a tenant's members by mail.
    pub(crate) LIST: "identity.list_members" (UUID, TEXT, INT8)
        -> (UUID, TEXT, TEXT, TEXT, TIMESTAMPTZ, TIMESTAMPTZ, TEXT) = "
        select u.id, u.email, u.name, m.role, m.joined_at, h.seen_at, u.email_key
        from underpin.member m join underpin.user_account u on u.id = m.user_id
        left join underpin.member_seen h on h.tenant_id = m.tenant_id and h.user_id = m.user_id
        where m.tenant_id = $1 and m.removed_at is null and u.email_key > $2
        order by u.email_key limit $3";

    /// One member.
    pub(crate) FIND: "identity.find_member" (UUID, UUID)
        -> (UUID, TEXT, TEXT, TEXT, TIMESTAMPTZ, TIMESTAMPTZ, TEXT) = "
        select u.id, u.email, u.name, m.role, m.joined_at, h.seen_at, u.email_key
        from underpin.member m join underpin.user_account u on u.id = m.user_id
        left join underpin.member_seen h on h.tenant_id = m.tenant_id and h.user_id = m.user_id
        where m.tenant_id = $1 and m.user_id = $2 and m.removed_at is null";

    /// Whether a mail belongs to a member.
    pub(crate) HAS_EMAIL: "identity.has_member_email" (UUID, TEXT) -> (BOOL) = "
        select exists (select from underpin.member m join underpin.user_account u on u.id = m.user_id
                       where m.tenant_id = $1 and m.removed_at is null and u.email_key = $2)";

    /// Give a member another role; `member_owner_kept` refuses to take the last owner's.
    pub(crate) SET_ROLE: "identity.set_role" (UUID, UUID, TEXT) -> () = "
        update underpin.member set role = $3,
            investor_id = case when $3 = 'investor' then investor_id end
        where tenant_id = $1 and user_id = $2 and removed_at is null";

    /// Take a member out; `member_owner_kept` refuses to take the last owner.
    pub(crate) REMOVE: "identity.remove_member" (UUID, UUID, TIMESTAMPTZ, UUID) -> () = "
        update underpin.member set removed_at = $3, removed_by = $4
        where tenant_id = $1 and user_id = $2 and removed_at is null";

    /// Take a person in; no row if they are a member already.
    pub(crate) JOIN: "identity.join_member" (UUID, UUID, TEXT, UUID, TIMESTAMPTZ) -> (UUID) = "
        insert into underpin.member as m (tenant_id, user_id, role, investor_id, joined_at)
        values ($1, $2, $3, $4, $5)
        on conflict (tenant_id, user_id) do update
        set role = excluded.role, investor_id = excluded.investor_id, joined_at = excluded.joined_at,
            removed_at = null, removed_by = null
        where m.removed_at is not null
        returning user_id";

    /// Whether a tenant has an owner.
    pub(crate) HAS_OWNER: "identity.has_owner" (UUID) -> (BOOL) = "
        select exists (select from underpin.member
                       where tenant_id = $1 and role = 'owner' and removed_at is null)";
}

/// A page of members.
pub(crate) async fn list(
    db: &Db,
    principal: Principal,
    query: &PageQuery,
    list: &str,
) -> Result<Page<Member>> {
    let after = match &query.cursor {
        Some(cursor) => {
            let [key] = cursor.parts(list).map_err(|_| Error::BadCursor)?;
            key
        }
        None => String::new(),
    };
    let surplus = i64::from(query.limit) + 1;
    let rows = db.query(principal, &LIST, &[&principal.tenant.uuid(), &after, &surplus]).await?;
    let members = rows
        .iter()
        .map(|row| Ok((read(row)?, row.get::<_, String>(6))))
        .collect::<Result<Vec<_>>>()?;
    let page = Page::from_surplus(members, query.limit, |(_, key)| Cursor::new(list, &[key]));
    Ok(page.map(|(member, _)| member))
}

/// One member.
pub(crate) async fn find(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Option<Member>> {
    tx.query_opt(&FIND, &[&tenant.uuid(), &user.uuid()]).await?.as_ref().map(read).transpose()
}

/// Whether a mail belongs to a member.
pub(crate) async fn has_email(tx: &mut Tx, tenant: TenantId, email_key: &str) -> Result<bool> {
    Ok(tx.query_one(&HAS_EMAIL, &[&tenant.uuid(), &email_key]).await?.get(0))
}

/// Give a member another role.
///
/// Errors: [`Error::LastOwner`]; [`Error::NotFound`] if policies do not let the principal change this member.
pub(crate) async fn set_role(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    role: Role,
) -> Result<()> {
    let updated = tx.execute(&SET_ROLE, &[&tenant.uuid(), &user.uuid(), &role.as_str()]).await;
    changed(updated)
}

/// Take a member out.
///
/// Errors: as [`set_role`].
pub(crate) async fn remove(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    now: Timestamp,
    by: UserId,
) -> Result<()> {
    let updated = tx.execute(&REMOVE, &[&tenant.uuid(), &user.uuid(), &now, &by.uuid()]).await;
    changed(updated)
}

fn changed(updated: underpin_db::Result<u64>) -> Result<()> {
    let updated = on_constraint(updated, |constraint| match constraint {
        "member_owner_kept" => Some(Error::LastOwner),
        _ => None,
    })?;
    if updated == 1 { Ok(()) } else { Err(Error::NotFound("member")) }
}

/// Take a person in; false if they are a member already.
pub(crate) async fn join(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    role: Role,
    investor: Option<Uuid>,
    now: Timestamp,
) -> Result<bool> {
    let row = tx
        .query_opt(&JOIN, &[&tenant.uuid(), &user.uuid(), &role.as_str(), &investor, &now])
        .await?;
    Ok(row.is_some())
}

/// Whether a tenant has an owner.
pub(crate) async fn has_owner(tx: &mut Tx, tenant: TenantId) -> Result<bool> {
    Ok(tx.query_one(&HAS_OWNER, &[&tenant.uuid()]).await?.get(0))
}

fn read(row: &Row) -> Result<Member> {
    Ok(Member {
        user: User { id: user_id(row.get(0)), email: row.get(1), name: row.get(2) },
        role: read_role(row.get(3))?,
        joined_at: row.get(4),
        last_seen_at: row.get(5),
    })
}
