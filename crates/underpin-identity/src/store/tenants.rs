//! Tenants.

use jiff::Timestamp;
use underpin_base::{TenantId, UserId};
use underpin_db::{Db, Row, Scope, Tx};

use crate::{
    Error, Result,
    model::{Membership, TenantInfo, read_currency, read_role},
};

/// Tenants that one person may be shown.
const MEMBERSHIPS_MAX: i64 = 500;

underpin_db::statements! {
    /// Queue at the tenant's row and count a change of its members or invites.
    pub(crate) LOCK: "identity.lock_tenant" (UUID) -> (INT8) = "
        update underpin.tenant set version = version + 1 where id = $1 returning version";

    /// A person's tenants, by name.
    pub(crate) LIST_MEMBERSHIPS: "identity.list_memberships" (UUID, INT8)
        -> (UUID, TEXT, TEXT, TEXT, TEXT, TEXT) = "
        select t.id, t.slug, t.name, t.accent, t.currency, m.role
        from underpin.member m join underpin.tenant t on t.id = m.tenant_id
        where m.user_id = $1 and m.removed_at is null and t.suspended_at is null
        order by t.name, t.id limit $2";

    /// A new tenant; no row if the slug is taken.
    pub(crate) INSERT: "identity.insert_tenant" (UUID, TEXT, TEXT, TEXT, TEXT, TIMESTAMPTZ) -> (UUID) = "
        insert into underpin.tenant (id, slug, name, accent, currency, created_at)
        values ($1, $2, $3, $4, $5, $6) on conflict (slug) do nothing returning id";

    /// A tenant by its slug, for the operator.
    pub(crate) FIND: "identity.find_tenant" (TEXT) -> (UUID, TEXT, TEXT, TEXT, TEXT) = "
        select id, slug, name, accent, currency from underpin.tenant where slug = $1";
}

/// Queue at the tenant's row; returns the number of this change, the version of its events.
pub(crate) async fn lock(tx: &mut Tx, tenant: TenantId) -> Result<i64> {
    let row = tx.query_opt(&LOCK, &[&tenant.uuid()]).await?;
    Ok(row.ok_or(Error::NotFound("tenant"))?.get(0))
}

/// A person's tenants.
pub(crate) async fn list_memberships(db: &Db, user: UserId) -> Result<Vec<Membership>> {
    let rows = db
        .query(Scope::Account(user), &LIST_MEMBERSHIPS, &[&user.uuid(), &MEMBERSHIPS_MAX])
        .await?;
    rows.iter()
        .map(|row| Ok(Membership { tenant: read(row)?, role: read_role(row.get(5))? }))
        .collect()
}

/// Store a tenant; `None` if the slug is taken.
pub(crate) async fn insert(
    tx: &mut Tx,
    tenant: &TenantInfo,
    now: Timestamp,
) -> Result<Option<TenantId>> {
    let TenantInfo { id, slug, name, accent, currency } = tenant;
    let currency = currency.to_string();
    let row = tx.query_opt(&INSERT, &[&id.uuid(), slug, name, accent, &currency, &now]).await?;
    Ok(row.map(|row| TenantId::from_uuid(row.get(0))))
}

/// A tenant by its slug.
pub(crate) async fn find(tx: &mut Tx, slug: &str) -> Result<Option<TenantInfo>> {
    tx.query_opt(&FIND, &[&slug]).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<TenantInfo> {
    Ok(TenantInfo {
        id: TenantId::from_uuid(row.get(0)),
        slug: row.get(1),
        name: row.get(2),
        accent: row.get(3),
        currency: read_currency(row.get(4))?,
    })
}
