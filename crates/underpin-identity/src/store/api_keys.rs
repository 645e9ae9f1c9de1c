//! API keys: found by their token's digest, or listed by the admins of their tenant.

use jiff::Timestamp;
use underpin_base::{Cursor, Page, PageQuery, Principal, Role, TenantId};
use underpin_db::{Db, Row, Scope, Tx};

use crate::{
    Error, Result,
    model::{
        ApiKey, ApiKeyId, Known, Membership, Scopes, Session, SessionId, SessionKind, TenantInfo,
        User, read_currency, read_role, user_id,
    },
    token::TokenDigest,
};

underpin_db::statements! {
    /// A good key and its tenant; notes the use at most once a minute, in the same round trip.
    pub(crate) AUTHENTICATE_KEY: "identity.authenticate_key" (TEXT, TIMESTAMPTZ, TIMESTAMPTZ)
        -> (UUID, TEXT, TEXT, TEXT_ARRAY, TIMESTAMPTZ, UUID, TEXT, TEXT, TEXT, TEXT) = "
        with seen as (
            update underpin.api_key set last_used_at = $2
            where token_hash = $1 and revoked_at is null and (expires_at is null or expires_at > $2)
              and (last_used_at is null or last_used_at <= $3)
        )
        select k.id, k.name, k.role, k.scopes, k.expires_at, t.id, t.slug, t.name, t.accent, t.currency
        from underpin.api_key k join underpin.tenant t on t.id = k.tenant_id
        where k.token_hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2)
          and t.suspended_at is null";

    /// A new key.
    pub(crate) INSERT: "identity.insert_api_key"
        (UUID, UUID, TEXT, TEXT, TEXT_ARRAY, TEXT, UUID, TIMESTAMPTZ, TIMESTAMPTZ) -> () = "
        insert into underpin.api_key (tenant_id, id, name, role, scopes, token_hash, created_by, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

    /// How many keys of a tenant are good, up to `$3`.
    pub(crate) COUNT: "identity.count_api_keys" (UUID, TIMESTAMPTZ, INT8) -> (INT8) = "
        select count(*) from (
            select from underpin.api_key
            where tenant_id = $1 and revoked_at is null and (expires_at is null or expires_at > $2) limit $3) as good";

    /// Revoke one; no row if it is not good any more.
    pub(crate) REVOKE: "identity.revoke_api_key" (UUID, UUID, TIMESTAMPTZ, UUID) -> (TEXT) = "
        update underpin.api_key set revoked_at = $3, revoked_by = $4
        where tenant_id = $1 and id = $2 and revoked_at is null and (expires_at is null or expires_at > $3)
        returning name";

    /// A page of a tenant's keys that are not revoked, newest first (ids are ordered by time).
    pub(crate) LIST: "identity.list_api_keys" (UUID, UUID, INT8)
        -> (UUID, TEXT, TEXT, TEXT_ARRAY, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, UUID, TEXT, TEXT) = "
        select k.id, k.name, k.role, k.scopes, k.created_at, k.expires_at, k.last_used_at, k.created_by, u.email, u.name
        from underpin.api_key k left join underpin.user_account u on u.id = k.created_by
        where k.tenant_id = $1 and k.revoked_at is null and ($2::uuid is null or k.id < $2)
        order by k.id desc limit $3";
}

/// Who presents a key, if it is good; with its place in the tenant of `slug` if that is its own. One round trip.
pub(crate) async fn authenticate(
    db: &Db,
    digest: &TokenDigest,
    now: Timestamp,
    seen_before: Timestamp,
    slug: Option<&str>,
) -> Result<Option<Known>> {
    let scope = Scope::Presented(digest.as_str().to_owned());
    let params: &[&(dyn underpin_db::ToSql + Sync)] = &[&digest.as_str(), &now, &seen_before];
    let row = db.query_opt(scope, &AUTHENTICATE_KEY, params).await?;
    row.as_ref().map(|row| read_known(row, slug)).transpose()
}

/// A key that is good for as long as it was asked to be says so as a session does: it has an id and an end.
fn read_known(row: &Row, slug: Option<&str>) -> Result<Known> {
    let id: uuid::Uuid = row.get(0);
    let user = User { id: user_id(id), email: String::new(), name: row.get(1) };
    let session = Session {
        id: SessionId::from_uuid(id),
        user,
        kind: SessionKind::Key,
        expires_at: row.get::<_, Option<Timestamp>>(4).unwrap_or(Timestamp::MAX),
        second_factor: false,
    };
    let tenant = TenantInfo {
        id: TenantId::from_uuid(row.get(5)),
        slug: row.get(6),
        name: row.get(7),
        accent: row.get(8),
        currency: read_currency(row.get(9))?,
    };
    let role = read_role(row.get(2))?;
    let here = slug == Some(tenant.slug.as_str());
    let membership = here.then_some(Membership { tenant, role });
    Ok(Known { session, membership, scopes: Some(Scopes::new(row.get(3))), barred: false })
}

/// A key to be stored.
pub(crate) struct NewApiKey<'a> {
    pub(crate) id: ApiKeyId,
    pub(crate) name: &'a str,
    pub(crate) role: Role,
    pub(crate) scopes: &'a [String],
    pub(crate) digest: &'a TokenDigest,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
}

/// Store a key.
pub(crate) async fn insert(tx: &mut Tx, by: Principal, key: &NewApiKey<'_>) -> Result<()> {
    let NewApiKey { id, name, role, scopes, digest, now, expires_at } = key;
    let params: &[&(dyn underpin_db::ToSql + Sync)] = &[
        &by.tenant.uuid(),
        &id.uuid(),
        name,
        &role.as_str(),
        scopes,
        &digest.as_str(),
        &by.subject.uuid(),
        now,
        expires_at,
    ];
    tx.execute(&INSERT, params).await?;
    Ok(())
}

/// How many keys are good, up to `most`.
pub(crate) async fn count(tx: &mut Tx, tenant: TenantId, now: Timestamp, most: i64) -> Result<i64> {
    Ok(tx.query_one(&COUNT, &[&tenant.uuid(), &now, &most]).await?.get(0))
}

/// Revoke a key; gives its name, `None` if it is not good any more.
pub(crate) async fn revoke(
    tx: &mut Tx,
    by: Principal,
    key: ApiKeyId,
    now: Timestamp,
) -> Result<Option<String>> {
    let params: &[&(dyn underpin_db::ToSql + Sync)] =
        &[&by.tenant.uuid(), &key.uuid(), &now, &by.subject.uuid()];
    Ok(tx.query_opt(&REVOKE, params).await?.map(|row| row.get(0)))
}

/// A page of keys.
pub(crate) async fn list(
    db: &Db,
    principal: Principal,
    query: &PageQuery,
    list: &str,
) -> Result<Page<ApiKey>> {
    let before: Option<ApiKeyId> = query.after(list).map_err(|_| Error::BadCursor)?;
    let params: &[&(dyn underpin_db::ToSql + Sync)] =
        &[&principal.tenant.uuid(), &before.map(ApiKeyId::uuid), &query.surplus()];
    let rows = db.query(principal, &LIST, params).await?;
    let keys = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_surplus(keys, query.limit, |key| Cursor::new(list, &[&key.id.to_string()])))
}

fn read(row: &Row) -> Result<ApiKey> {
    Ok(ApiKey {
        id: ApiKeyId::from_uuid(row.get(0)),
        name: row.get(1),
        role: read_role(row.get(2))?,
        scopes: Scopes::new(row.get(3)),
        created_at: row.get(4),
        expires_at: row.get(5),
        last_used_at: row.get(6),
        created_by: User {
            id: user_id(row.get(7)),
            email: row.get::<_, Option<String>>(8).unwrap_or_default(),
            name: row.get::<_, Option<String>>(9).unwrap_or_default(),
        },
    })
}
