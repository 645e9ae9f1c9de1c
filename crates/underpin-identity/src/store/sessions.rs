//! Sessions: found by their token's digest, or listed by their person.

use jiff::Timestamp;
use underpin_base::{Principal, TenantId, UserId};
use underpin_db::{Db, Purpose, Row, Scope, Tx};

use crate::{
    Result,
    model::{
        Known, Membership, Session, SessionEntry, SessionId, SessionKind, Standing, TenantInfo,
        User, read_currency, read_role, user_id,
    },
    token::TokenDigest,
};

/// Sessions that one person may have at the same time; the ones unused for longest end first.
pub(crate) const SESSIONS_MAX: i64 = 500;

underpin_db::statements! {
    /// A good session, its person, and their place in the tenant `$6`; notes the use, of the session and of the place, at most once a
    /// minute each, and moves a cookie's end at most once in a tenth of its life, in the same round trip.
    pub(crate) AUTHENTICATE: "identity.authenticate" (TEXT, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, TEXT)
        -> (UUID, TEXT, TIMESTAMPTZ, UUID, TEXT, TEXT, UUID, TEXT, TEXT, TEXT, TEXT, TEXT, BOOL, BOOL) = "
        with seen as (
            update underpin.session
            set last_seen_at = $2,
                expires_at = case when kind = 'cookie' and expires_at < $4 then $5 else expires_at end
            where token_hash = $1 and revoked_at is null and expires_at > $2 and last_seen_at <= $3
            returning expires_at
        ), seen_here as (
            insert into underpin.member_seen as h (tenant_id, user_id, seen_at)
            select m.tenant_id, m.user_id, $2
            from underpin.session s
            join underpin.member m on m.user_id = s.user_id and m.removed_at is null
            join underpin.tenant t on t.id = m.tenant_id and t.slug = $6
            where s.token_hash = $1 and s.revoked_at is null and s.expires_at > $2 and not exists (
                select from underpin.member_seen b
                where b.tenant_id = m.tenant_id and b.user_id = m.user_id and b.seen_at > $3)
            on conflict (tenant_id, user_id) do update set seen_at = excluded.seen_at
            where h.seen_at < excluded.seen_at
        )
        select s.id, s.kind, coalesce((select expires_at from seen), s.expires_at),
               u.id, u.email, u.name, t.id, t.slug, t.name, t.accent, t.currency, m.role,
               s.second_factor_at is not null,
               coalesce(t.second_factor_required and m.role <> 'investor' and s.second_factor_at is null, false)
        from underpin.session s
        join underpin.user_account u on u.id = s.user_id
        left join (underpin.member m
                   join underpin.tenant t on t.id = m.tenant_id and t.slug = $6 and t.suspended_at is null)
            on m.user_id = s.user_id and m.removed_at is null
        where s.token_hash = $1 and s.revoked_at is null and s.expires_at > $2";

    /// Whether each session or key is good, and whether it may act in the tenant in that role; notes nothing.
    pub(crate) LIST_STANDINGS: "identity.list_standings" (UUID_ARRAY, UUID_ARRAY, UUID_ARRAY, TEXT_ARRAY, TIMESTAMPTZ)
        -> (BOOL, BOOL) = "
        select exists (select from underpin.session s
                       where s.id = a.session_id and s.user_id = a.user_id and s.revoked_at is null and s.expires_at > $5)
               or exists (select from underpin.api_key k
                          where k.tenant_id = a.tenant_id and k.id = a.session_id and k.id = a.user_id and k.revoked_at is null
                            and (k.expires_at is null or k.expires_at > $5)),
               exists (select from underpin.member m join underpin.tenant t on t.id = m.tenant_id
                       where m.tenant_id = a.tenant_id and m.user_id = a.user_id and m.role = a.role
                         and m.removed_at is null and t.suspended_at is null
                         and (not t.second_factor_required or m.role = 'investor'
                              or exists (select from underpin.session s where s.id = a.session_id and s.second_factor_at is not null)))
               or exists (select from underpin.api_key k join underpin.tenant t on t.id = k.tenant_id
                          where k.tenant_id = a.tenant_id and k.id = a.user_id and k.role = a.role and t.suspended_at is null)
        from unnest($1, $2, $3, $4) with ordinality as a (session_id, user_id, tenant_id, role, place)
        order by a.place";

    /// A new session.
    pub(crate) INSERT: "identity.insert_session" (UUID, UUID, TEXT, TEXT, TIMESTAMPTZ, TIMESTAMPTZ, TEXT, TEXT, TIMESTAMPTZ) -> () = "
        insert into underpin.session
            (id, user_id, token_hash, kind, created_at, last_seen_at, expires_at, user_agent, address, second_factor_at)
        values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9)";

    /// End what is beyond the newest `$3` sessions of a person.
    pub(crate) END_SURPLUS: "identity.end_surplus_sessions" (UUID, TIMESTAMPTZ, INT8) -> () = "
        update underpin.session set revoked_at = $2
        where user_id = $1 and revoked_at is null and id in (
            select id from underpin.session where user_id = $1 and revoked_at is null
            order by last_seen_at desc, id desc offset $3)";

    /// End the session of a presented token, whosever it is.
    pub(crate) END_PRESENTED: "identity.end_presented_session" (TEXT, TIMESTAMPTZ) -> (UUID) = "
        update underpin.session set revoked_at = $2
        where token_hash = $1 and revoked_at is null returning id";

    /// End one session of a person; no row if there is none that goes on.
    pub(crate) END_ONE: "identity.end_session" (UUID, UUID, TIMESTAMPTZ) -> (UUID) = "
        update underpin.session set revoked_at = $3
        where id = $2 and user_id = $1 and revoked_at is null and expires_at > $3 returning id";

    /// End every session of a person but `$2` (null: every one).
    pub(crate) END_OTHERS: "identity.end_sessions" (UUID, UUID, TIMESTAMPTZ) -> (UUID) = "
        update underpin.session set revoked_at = $3
        where user_id = $1 and id is distinct from $2 and revoked_at is null returning id";

    /// The sessions of a person that go on, last used first.
    pub(crate) LIST: "identity.list_sessions" (UUID, TIMESTAMPTZ, INT8)
        -> (UUID, TEXT, TIMESTAMPTZ, TIMESTAMPTZ, TEXT, TEXT) = "
        select id, kind, created_at, last_seen_at, user_agent, address from underpin.session
        where user_id = $1 and revoked_at is null and expires_at > $2
        order by last_seen_at desc, id desc limit $3";

    /// Delete a batch of sessions that ended before `$1`.
    pub(crate) SWEEP: "identity.sweep_sessions" (TIMESTAMPTZ, INT8) -> (UUID) = "
        delete from underpin.session where id in (
            (select id from underpin.session where expires_at < $1 order by expires_at limit $2)
            union all
            (select id from underpin.session where revoked_at < $1 order by revoked_at limit $2)
        ) returning id";
}

/// The instants that the note of a use is judged by.
pub(crate) struct Moment {
    pub(crate) now: Timestamp,
    /// A use later than this is not noted again.
    pub(crate) seen_before: Timestamp,
    /// A cookie that ends before this gets a new end.
    pub(crate) slides_before: Timestamp,
    /// The new end.
    pub(crate) slides_to: Timestamp,
}

/// How each of these stands, in their order. One statement, as `system`.
pub(crate) async fn list_standings(
    db: &Db,
    asked: &[(SessionId, Principal)],
    now: Timestamp,
) -> Result<Vec<Standing>> {
    let (mut sessions, mut users, mut tenants, mut roles) = (vec![], vec![], vec![], vec![]);
    for (session, principal) in asked {
        sessions.push(session.uuid());
        users.push(principal.subject.uuid());
        tenants.push(principal.tenant.uuid());
        roles.push(principal.role.as_str());
    }
    let scope = Scope::System(Purpose::Realtime);
    let rows =
        db.query(scope, &LIST_STANDINGS, &[&sessions, &users, &tenants, &roles, &now]).await?;
    Ok(rows.iter().map(|row| Standing::of(row.get(0), row.get(1))).collect())
}

/// Who presents a token. One round trip.
pub(crate) async fn authenticate(
    db: &Db,
    digest: &TokenDigest,
    moment: &Moment,
    slug: Option<&str>,
) -> Result<Option<Known>> {
    let scope = Scope::Presented(digest.as_str().to_owned());
    let row = db
        .query_opt(
            scope,
            &AUTHENTICATE,
            &[
                &digest.as_str(),
                &moment.now,
                &moment.seen_before,
                &moment.slides_before,
                &moment.slides_to,
                &slug,
            ],
        )
        .await?;
    row.as_ref().map(read_known).transpose()
}

fn read_known(row: &Row) -> Result<Known> {
    let session = Session {
        id: SessionId::from_uuid(row.get(0)),
        kind: SessionKind::read(row.get(1))?,
        expires_at: row.get(2),
        user: User { id: user_id(row.get(3)), email: row.get(4), name: row.get(5) },
        second_factor: row.get(12),
    };
    let Some(tenant) = row.get::<_, Option<uuid::Uuid>>(6) else {
        return Ok(Known { session, membership: None, scopes: None, barred: false });
    };
    let tenant = TenantInfo {
        id: TenantId::from_uuid(tenant),
        slug: row.get(7),
        name: row.get(8),
        accent: row.get(9),
        currency: read_currency(row.get(10))?,
    };
    let membership = Membership { tenant, role: read_role(row.get(11))? };
    Ok(Known { session, membership: Some(membership), scopes: None, barred: row.get(13) })
}

/// A session to be stored.
pub(crate) struct NewSession<'a> {
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    pub(crate) digest: &'a TokenDigest,
    pub(crate) kind: SessionKind,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) user_agent: Option<&'a str>,
    pub(crate) address: Option<&'a str>,
    pub(crate) second_factor_at: Option<Timestamp>,
}

/// Store a session; ends the person's surplus.
pub(crate) async fn insert(tx: &mut Tx, session: &NewSession<'_>) -> Result<()> {
    let NewSession {
        id,
        user,
        digest,
        kind,
        now,
        expires_at,
        user_agent,
        address,
        second_factor_at,
    } = session;
    let (digest, kind) = (digest.as_str(), kind.as_str());
    let params: &[&(dyn underpin_db::ToSql + Sync)] = &[
        &id.uuid(),
        &user.uuid(),
        &digest,
        &kind,
        now,
        expires_at,
        user_agent,
        address,
        second_factor_at,
    ];
    tx.execute(&INSERT, params).await?;
    tx.execute(&END_SURPLUS, &[&user.uuid(), now, &SESSIONS_MAX]).await?;
    Ok(())
}

/// End every session of the transaction's person but `keep`.
pub(crate) async fn end_others(
    tx: &mut Tx,
    user: UserId,
    keep: Option<SessionId>,
    now: Timestamp,
) -> Result<usize> {
    let keep = keep.map(SessionId::uuid);
    Ok(tx.query(&END_OTHERS, &[&user.uuid(), &keep, &now]).await?.len())
}

/// The sessions of a person that go on.
pub(crate) async fn list(db: &Db, user: UserId, now: Timestamp) -> Result<Vec<SessionEntry>> {
    let params: &[&(dyn underpin_db::ToSql + Sync)] = &[&user.uuid(), &now, &SESSIONS_MAX];
    let rows = db.query(Scope::Account(user), &LIST, params).await?;
    rows.iter()
        .map(|row| {
            Ok(SessionEntry {
                id: SessionId::from_uuid(row.get(0)),
                kind: SessionKind::read(row.get(1))?,
                created_at: row.get(2),
                last_seen_at: row.get(3),
                user_agent: row.get(4),
                address: row.get(5),
            })
        })
        .collect()
}

/// Delete one batch; says how many.
pub(crate) async fn sweep(db: &Db, ended_before: Timestamp, batch: i64) -> Result<usize> {
    Ok(db.query(Scope::System(Purpose::Sweep), &SWEEP, &[&ended_before, &batch]).await?.len())
}
