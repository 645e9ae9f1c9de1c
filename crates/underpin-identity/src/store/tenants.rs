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

    /// Whether staff must have shown a second factor.
    pub(crate) IS_SECOND_FACTOR_REQUIRED: "identity.is_second_factor_required" (UUID) -> (BOOL) = "
        select second_factor_required from underpin.tenant where id = $1";

    /// Say whether staff must have shown a second factor.
    pub(crate) SET_SECOND_FACTOR_REQUIRED: "identity.set_second_factor_required" (UUID, BOOL) -> () = "
        update underpin.tenant set second_factor_required = $2 where id = $1";

    /// The names of a tenant and of one of its people, for a mail.
    pub(crate) FIND_NAMES: "identity.find_names" (UUID, UUID) -> (TEXT, TEXT) = "
        select t.name, coalesce(u.name, k.name) from underpin.tenant t
        left join underpin.user_account u on u.id = $2
        left join underpin.api_key k on k.tenant_id = t.id and k.id = $2
        where t.id = $1";

    /// Shut a tenant; no row if it is shut already or not there.
    pub(crate) SUSPEND: "identity.suspend_tenant" (TEXT, TIMESTAMPTZ) -> (UUID) = "
        update underpin.tenant set suspended_at = $2 where slug = $1 and suspended_at is null returning id";

    /// Open a tenant again; no row if it is open or not there.
    pub(crate) RESUME: "identity.resume_tenant" (TEXT) -> (UUID) = "
        update underpin.tenant set suspended_at = null where slug = $1 and suspended_at is not null returning id";

    /// A tenant by its slug, for the operator.
    pub(crate) FIND: "identity.find_tenant" (TEXT) -> (UUID, TEXT, TEXT, TEXT, TEXT) = "
        select id, slug, name, accent, currency from underpin.tenant where slug = $1";
}

/// Queue at the tenant's row; returns the number of this change, the version of its events.
pub(crate) async fn lock(tx: &mut Tx, tenant: TenantId) -> Result<i64> {
    let row = tx.query_opt(&LOCK, &[&tenant.uuid()]).await?;
    Ok(row.ok_or(Error::NotFound("tenant"))?.get(0))
}

/// Shut a tenant at an instant, or open it again; `None` if it is so already or not there.
pub(crate) async fn set_suspended(
    tx: &mut Tx,
    slug: &str,
    at: Option<Timestamp>,
) -> Result<Option<TenantId>> {
    let row = match at {
        Some(at) => tx.query_opt(&SUSPEND, &[&slug, &at]).await?,
        None => tx.query_opt(&RESUME, &[&slug]).await?,
    };
    Ok(row.map(|row| TenantId::from_uuid(row.get(0))))
}

/// Whether staff must have shown a second factor.
pub(crate) async fn is_second_factor_required(tx: &mut Tx, tenant: TenantId) -> Result<bool> {
    Ok(tx.query_one(&IS_SECOND_FACTOR_REQUIRED, &[&tenant.uuid()]).await?.get(0))
}

/// Say whether staff must have shown a second factor.
pub(crate) async fn set_second_factor_required(
    tx: &mut Tx,
    tenant: TenantId,
    required: bool,
) -> Result<()> {
    match tx.execute(&SET_SECOND_FACTOR_REQUIRED, &[&tenant.uuid(), &required]).await? {
        1 => Ok(()),
        _ => Err(Error::NotFound("tenant")),
    }
}

/// The names of a tenant and of the person or key that acts there.
pub(crate) async fn find_names(
    tx: &mut Tx,
    tenant: TenantId,
    subject: UserId,
) -> Result<(String, String)> {
    let row = tx.query_one(&FIND_NAMES, &[&tenant.uuid(), &subject.uuid()]).await?;
    let name: Option<String> = row.get(1);
    let tenant: String = row.get(0);
    Ok((tenant.clone(), name.unwrap_or(tenant)))
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
