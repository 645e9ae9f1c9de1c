//! Chains of entries: a head's row, under whose lock the next entry is added.

use jiff::Timestamp;
use underpin_base::{Cursor, Page, PageQuery, Principal, TenantId, UserId};
use underpin_db::{Db, Purpose, Row, Scope, Tx};

use crate::{
    Error, Result,
    trail::{Entry, GENESIS, Trail},
};

underpin_db::statements! {
    /// The head of a tenant's chain under its lock, made if it is not there; and whether the subject `$3` is an API key.
    pub(crate) LOCK_HEAD: "identity.lock_trail_head" (UUID, BYTEA, UUID) -> (INT8, BYTEA, BOOL) = "
        insert into underpin.trail_head as h (tenant_id, seq, hash) values ($1, 0, $2)
        on conflict (tenant_id) do update set seq = h.seq
        returning h.seq, h.hash, exists (select from underpin.api_key k where k.tenant_id = $1 and k.id = $3)";

    /// Add the next entry of a tenant and move the head; no row if the head is elsewhere.
    pub(crate) APPEND: "identity.append_trail"
        (UUID, INT8, TIMESTAMPTZ, TEXT, UUID, TEXT, TEXT, TEXT, TEXT, BYTEA, BYTEA) -> () = "
        with head as (
            update underpin.trail_head set seq = $2, hash = $11 where tenant_id = $1 and seq = $2 - 1 returning seq
        )
        insert into underpin.trail_entry
            (tenant_id, seq, at, actor_kind, actor_id, action, subject, detail, address, prev, hash)
        select $1, head.seq, $3, $4, $5, $6, $7, $8, $9, $10, $11 from head";

    /// As [`LOCK_HEAD`], of an account.
    pub(crate) LOCK_ACCOUNT_HEAD: "identity.lock_account_trail_head" (UUID, BYTEA) -> (INT8, BYTEA) = "
        insert into underpin.account_trail_head as h (user_id, seq, hash) values ($1, 0, $2)
        on conflict (user_id) do update set seq = h.seq returning h.seq, h.hash";

    /// As [`APPEND`], of an account.
    pub(crate) APPEND_ACCOUNT: "identity.append_account_trail"
        (UUID, INT8, TIMESTAMPTZ, TEXT, UUID, TEXT, TEXT, TEXT, TEXT, BYTEA, BYTEA) -> () = "
        with head as (
            update underpin.account_trail_head set seq = $2, hash = $11 where user_id = $1 and seq = $2 - 1 returning seq
        )
        insert into underpin.account_trail_entry
            (user_id, seq, at, actor_kind, actor_id, action, subject, detail, address, prev, hash)
        select $1, head.seq, $3, $4, $5, $6, $7, $8, $9, $10, $11 from head";

    /// A page of a tenant's trail, newest first, with the names of those who acted.
    pub(crate) LIST: "identity.list_trail" (UUID, INT8, INT8)
        -> (INT8, TIMESTAMPTZ, TEXT, UUID, TEXT, TEXT, TEXT, TEXT, BYTEA, BYTEA, TEXT) = "
        select e.seq, e.at, e.actor_kind, e.actor_id, e.action, e.subject, e.detail, e.address, e.prev, e.hash,
               coalesce(u.name, k.name)
        from underpin.trail_entry e
        left join underpin.user_account u on u.id = e.actor_id
        left join underpin.api_key k on k.tenant_id = e.tenant_id and k.id = e.actor_id
        where e.tenant_id = $1 and ($2::bigint is null or e.seq < $2)
        order by e.seq desc limit $3";

    /// A page of an account's trail, newest first.
    pub(crate) LIST_ACCOUNT: "identity.list_account_trail" (UUID, INT8, INT8)
        -> (INT8, TIMESTAMPTZ, TEXT, UUID, TEXT, TEXT, TEXT, TEXT, BYTEA, BYTEA) = "
        select e.seq, e.at, e.actor_kind, e.actor_id, e.action, e.subject, e.detail, e.address, e.prev, e.hash
        from underpin.account_trail_entry e
        where e.user_id = $1 and ($2::bigint is null or e.seq < $2)
        order by e.seq desc limit $3";

    /// The next entries of a tenant's chain, for verification.
    pub(crate) WALK: "identity.walk_trail" (UUID, INT8, INT8)
        -> (INT8, TIMESTAMPTZ, TEXT, UUID, TEXT, TEXT, TEXT, TEXT, BYTEA, BYTEA) = "
        select seq, at, actor_kind, actor_id, action, subject, detail, address, prev, hash
        from underpin.trail_entry where tenant_id = $1 and seq > $2 order by seq limit $3";

    /// The next entries of an account's chain, for verification.
    pub(crate) WALK_ACCOUNT: "identity.walk_account_trail" (UUID, INT8, INT8)
        -> (INT8, TIMESTAMPTZ, TEXT, UUID, TEXT, TEXT, TEXT, TEXT, BYTEA, BYTEA) = "
        select seq, at, actor_kind, actor_id, action, subject, detail, address, prev, hash
        from underpin.account_trail_entry where user_id = $1 and seq > $2 order by seq limit $3";

    /// Where a tenant's chain ends.
    pub(crate) FIND_HEAD: "identity.find_trail_head" (UUID) -> (INT8, BYTEA) = "
        select seq, hash from underpin.trail_head where tenant_id = $1";

    /// Where an account's chain ends.
    pub(crate) FIND_ACCOUNT_HEAD: "identity.find_account_trail_head" (UUID) -> (INT8, BYTEA) = "
        select seq, hash from underpin.account_trail_head where user_id = $1";
}

/// Where a chain stands, under its lock.
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) hash: Vec<u8>,
    /// Whether the subject that was asked about is an API key.
    pub(crate) is_key: bool,
}

/// The head of a tenant's chain, locked until the end of the transaction.
pub(crate) async fn lock_head(tx: &mut Tx, tenant: TenantId, subject: UserId) -> Result<Head> {
    let params: &[&(dyn underpin_db::ToSql + Sync)] =
        &[&tenant.uuid(), &&GENESIS[..], &subject.uuid()];
    let row = tx.query_one(&LOCK_HEAD, params).await?;
    Ok(Head { seq: row.get(0), hash: row.get(1), is_key: row.get(2) })
}

/// The head of an account's chain, locked until the end of the transaction.
pub(crate) async fn lock_account_head(tx: &mut Tx, user: UserId) -> Result<Head> {
    let row = tx.query_one(&LOCK_ACCOUNT_HEAD, &[&user.uuid(), &&GENESIS[..]]).await?;
    Ok(Head { seq: row.get(0), hash: row.get(1), is_key: false })
}

/// Add an entry after the locked head.
pub(crate) async fn append(tx: &mut Tx, trail: Trail, entry: &Entry) -> Result<()> {
    let Entry { seq, at, actor_kind, actor_id, action, subject, detail, address, prev, hash } =
        entry;
    let (statement, owner) = match trail {
        Trail::Tenant(tenant) => (&APPEND, tenant.uuid()),
        Trail::Account(user) => (&APPEND_ACCOUNT, user.uuid()),
    };
    let params: &[&(dyn underpin_db::ToSql + Sync)] =
        &[&owner, seq, at, actor_kind, actor_id, action, subject, detail, address, prev, hash];
    match tx.execute(statement, params).await? {
        1 => Ok(()),
        _ => Err(Error::Corrupt("trail head")),
    }
}

/// An entry in a list, with the name of who acted as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedEntry {
    /// The entry.
    pub entry: Entry,
    /// The person's or key's name.
    pub actor_name: Option<String>,
}

/// A page of a tenant's trail.
pub(crate) async fn list(
    db: &Db,
    principal: Principal,
    query: &PageQuery,
    list: &str,
) -> Result<Page<ListedEntry>> {
    let before: Option<i64> = query.after(list).map_err(|_| Error::BadCursor)?;
    let params: &[&(dyn underpin_db::ToSql + Sync)] =
        &[&principal.tenant.uuid(), &before, &query.surplus()];
    let rows = db.query(principal, &LIST, params).await?;
    let entries = rows.iter().map(|row| ListedEntry { entry: read(row), actor_name: row.get(10) });
    Ok(page(entries.collect(), query, list))
}

/// A page of an account's trail.
pub(crate) async fn list_account(
    db: &Db,
    user: UserId,
    query: &PageQuery,
    list: &str,
) -> Result<Page<ListedEntry>> {
    let before: Option<i64> = query.after(list).map_err(|_| Error::BadCursor)?;
    let params: &[&(dyn underpin_db::ToSql + Sync)] = &[&user.uuid(), &before, &query.surplus()];
    let rows = db.query(Scope::Account(user), &LIST_ACCOUNT, params).await?;
    let entries = rows.iter().map(|row| ListedEntry { entry: read(row), actor_name: None });
    Ok(page(entries.collect(), query, list))
}

fn page(entries: Vec<ListedEntry>, query: &PageQuery, list: &str) -> Page<ListedEntry> {
    Page::from_surplus(entries, query.limit, |listed| {
        Cursor::new(list, &[&listed.entry.seq.to_string()])
    })
}

/// The next entries of a chain, as the operator.
pub(crate) async fn walk(db: &Db, trail: Trail, after: i64, limit: i64) -> Result<Vec<Entry>> {
    let (statement, owner) = match trail {
        Trail::Tenant(tenant) => (&WALK, tenant.uuid()),
        Trail::Account(user) => (&WALK_ACCOUNT, user.uuid()),
    };
    let scope = Scope::System(Purpose::Operate);
    Ok(db.query(scope, statement, &[&owner, &after, &limit]).await?.iter().map(read).collect())
}

/// Where a chain ends, as the operator.
pub(crate) async fn find_head(db: &Db, trail: Trail) -> Result<Option<(i64, Vec<u8>)>> {
    let (statement, owner) = match trail {
        Trail::Tenant(tenant) => (&FIND_HEAD, tenant.uuid()),
        Trail::Account(user) => (&FIND_ACCOUNT_HEAD, user.uuid()),
    };
    let row = db.query_opt(Scope::System(Purpose::Operate), statement, &[&owner]).await?;
    Ok(row.map(|row| (row.get(0), row.get(1))))
}

fn read(row: &Row) -> Entry {
    Entry {
        seq: row.get(0),
        at: row.get::<_, Timestamp>(1),
        actor_kind: row.get(2),
        actor_id: row.get(3),
        action: row.get(4),
        subject: row.get(5),
        detail: row.get(6),
        address: row.get(7),
        prev: row.get(8),
        hash: row.get(9),
    }
}
