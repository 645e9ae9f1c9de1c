//! Second factors, the codes that stand in for them, and sign-ins that wait for one.

use jiff::Timestamp;
use underpin_base::UserId;
use underpin_db::{Db, Purpose, Scope, Tx};

use crate::{
    Result,
    model::{ChallengeId, SessionId, SessionKind, user_id},
    token::TokenDigest,
};

underpin_db::statements! {
    /// A person's second factor and how many recovery codes are left.
    pub(crate) FIND: "identity.find_second_factor" (UUID) -> (BYTEA, TIMESTAMPTZ, INT8) = "
        select f.secret, f.confirmed_at,
               (select count(*) from underpin.recovery_code c where c.user_id = f.user_id and c.used_at is null)
        from underpin.second_factor f where f.user_id = $1";

    /// Whether a person has a second factor that counts.
    pub(crate) HAS: "identity.has_second_factor" (UUID) -> (BOOL) = "
        select exists (select from underpin.second_factor where user_id = $1 and confirmed_at is not null)";

    /// Begin anew, unless there is one that counts.
    pub(crate) ENROL: "identity.enrol_second_factor" (UUID, BYTEA, TIMESTAMPTZ) -> (UUID) = "
        insert into underpin.second_factor as f (user_id, secret, created_at) values ($1, $2, $3)
        on conflict (user_id) do update set secret = excluded.secret, created_at = excluded.created_at
        where f.confirmed_at is null returning f.user_id";

    /// Count from now on; no row if it counts already or another secret took its place.
    pub(crate) CONFIRM: "identity.confirm_second_factor" (UUID, TIMESTAMPTZ, INT8, BYTEA) -> () = "
        update underpin.second_factor set confirmed_at = $2, last_step = $3
        where user_id = $1 and confirmed_at is null and secret = $4";

    /// Take a code of this time step; no row if one of it or of a later one was taken.
    pub(crate) TAKE_STEP: "identity.take_totp_step" (UUID, INT8) -> () = "
        update underpin.second_factor set last_step = $2
        where user_id = $1 and confirmed_at is not null and (last_step is null or last_step < $2)";

    /// Forget it.
    pub(crate) DELETE: "identity.delete_second_factor" (UUID) -> () = "
        delete from underpin.second_factor where user_id = $1";

    /// Forget all recovery codes of a person.
    pub(crate) DELETE_CODES: "identity.delete_recovery_codes" (UUID) -> () = "
        delete from underpin.recovery_code where user_id = $1";

    /// New recovery codes.
    pub(crate) INSERT_CODES: "identity.insert_recovery_codes" (UUID, TEXT_ARRAY) -> () = "
        insert into underpin.recovery_code (user_id, code_hash) select $1, h from unnest($2) as h";

    /// Use a recovery code up; no row if there is no such one left.
    pub(crate) USE_CODE: "identity.use_recovery_code" (UUID, TEXT, TIMESTAMPTZ) -> () = "
        update underpin.recovery_code set used_at = $3 where user_id = $1 and code_hash = $2 and used_at is null";

    /// Say that a session showed its second factor.
    pub(crate) MARK_SESSION: "identity.mark_second_factor" (UUID, UUID, TIMESTAMPTZ) -> () = "
        update underpin.session set second_factor_at = $3 where id = $2 and user_id = $1 and revoked_at is null";

    /// Say that no session of a person has shown one.
    pub(crate) UNMARK_SESSIONS: "identity.unmark_second_factor" (UUID) -> () = "
        update underpin.session set second_factor_at = null
        where user_id = $1 and revoked_at is null and second_factor_at is not null";

    /// A sign-in that waits.
    pub(crate) INSERT_CHALLENGE: "identity.insert_challenge" (UUID, UUID, TEXT, TEXT, TIMESTAMPTZ, TIMESTAMPTZ) -> () = "
        insert into underpin.sign_in_challenge (id, user_id, token_hash, kind, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)";

    /// A sign-in that waits, by its token.
    pub(crate) FIND_CHALLENGE: "identity.find_challenge" (TEXT, TIMESTAMPTZ, INT4) -> (UUID, UUID, TEXT) = "
        select id, user_id, kind from underpin.sign_in_challenge
        where token_hash = $1 and used_at is null and expires_at > $2 and tries < $3";

    /// Count a try of a sign-in that waits; no row if it waits no more.
    pub(crate) TRY_CHALLENGE: "identity.try_challenge" (UUID, TIMESTAMPTZ, INT4) -> () = "
        update underpin.sign_in_challenge set tries = tries + 1
        where id = $1 and used_at is null and expires_at > $2 and tries < $3";

    /// End the wait; no row if a rival was faster.
    pub(crate) USE_CHALLENGE: "identity.use_challenge" (UUID, TIMESTAMPTZ) -> () = "
        update underpin.sign_in_challenge set used_at = $2 where id = $1 and used_at is null and expires_at > $2";

    /// Delete a batch of sign-ins that waited until before `$1`.
    pub(crate) SWEEP_CHALLENGES: "identity.sweep_challenges" (TIMESTAMPTZ, INT8) -> (UUID) = "
        delete from underpin.sign_in_challenge where id in (
            select id from underpin.sign_in_challenge where expires_at < $1 order by expires_at limit $2) returning id";
}

/// A second factor as it is stored.
#[derive(Debug)]
pub(crate) struct StoredFactor {
    pub(crate) secret: Vec<u8>,
    pub(crate) confirmed_at: Option<Timestamp>,
    pub(crate) recovery_codes_left: i64,
}

/// A person's second factor.
pub(crate) async fn find(tx: &mut Tx, user: UserId) -> Result<Option<StoredFactor>> {
    let row = tx.query_opt(&FIND, &[&user.uuid()]).await?;
    Ok(row.map(|row| StoredFactor {
        secret: row.get(0),
        confirmed_at: row.get(1),
        recovery_codes_left: row.get(2),
    }))
}

/// Whether a person has one that counts.
pub(crate) async fn has(tx: &mut Tx, user: UserId) -> Result<bool> {
    Ok(tx.query_one(&HAS, &[&user.uuid()]).await?.get(0))
}

/// Begin anew; false if there is one that counts.
pub(crate) async fn enrol(
    tx: &mut Tx,
    user: UserId,
    sealed: &[u8],
    now: Timestamp,
) -> Result<bool> {
    Ok(tx.query_opt(&ENROL, &[&user.uuid(), &sealed, &now]).await?.is_some())
}

/// Count from now on; false if a rival changed it.
pub(crate) async fn confirm(
    tx: &mut Tx,
    user: UserId,
    now: Timestamp,
    step: i64,
    sealed: &[u8],
) -> Result<bool> {
    Ok(tx.execute(&CONFIRM, &[&user.uuid(), &now, &step, &sealed]).await? == 1)
}

/// Take the code of a step; false if it is too late for it.
pub(crate) async fn take_step(tx: &mut Tx, user: UserId, step: i64) -> Result<bool> {
    Ok(tx.execute(&TAKE_STEP, &[&user.uuid(), &step]).await? == 1)
}

/// Forget a person's second factor and its recovery codes; no session has shown one then.
pub(crate) async fn delete(tx: &mut Tx, user: UserId) -> Result<()> {
    tx.execute(&DELETE_CODES, &[&user.uuid()]).await?;
    tx.execute(&DELETE, &[&user.uuid()]).await?;
    tx.execute(&UNMARK_SESSIONS, &[&user.uuid()]).await?;
    Ok(())
}

/// Put new recovery codes in the place of the old ones.
pub(crate) async fn replace_codes(tx: &mut Tx, user: UserId, digests: &[String]) -> Result<()> {
    tx.execute(&DELETE_CODES, &[&user.uuid()]).await?;
    tx.execute(&INSERT_CODES, &[&user.uuid(), &digests]).await?;
    Ok(())
}

/// Use a recovery code up; false if there is no such one left.
pub(crate) async fn use_code(
    tx: &mut Tx,
    user: UserId,
    digest: &str,
    now: Timestamp,
) -> Result<bool> {
    Ok(tx.execute(&USE_CODE, &[&user.uuid(), &digest, &now]).await? == 1)
}

/// Say that a session showed its second factor.
pub(crate) async fn mark_session(
    tx: &mut Tx,
    user: UserId,
    session: SessionId,
    now: Timestamp,
) -> Result<()> {
    tx.execute(&MARK_SESSION, &[&user.uuid(), &session.uuid(), &now]).await?;
    Ok(())
}

/// A sign-in to be kept waiting.
pub(crate) struct NewChallenge<'a> {
    pub(crate) id: ChallengeId,
    pub(crate) user: UserId,
    pub(crate) digest: &'a TokenDigest,
    pub(crate) kind: SessionKind,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// Keep a sign-in waiting.
pub(crate) async fn insert_challenge(tx: &mut Tx, new: &NewChallenge<'_>) -> Result<()> {
    let NewChallenge { id, user, digest, kind, now, expires_at } = new;
    let params: &[&(dyn underpin_db::ToSql + Sync)] =
        &[&id.uuid(), &user.uuid(), &digest.as_str(), &kind.as_str(), now, expires_at];
    tx.execute(&INSERT_CHALLENGE, params).await?;
    Ok(())
}

/// A sign-in that waits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    pub(crate) id: ChallengeId,
    pub(crate) user: UserId,
    pub(crate) kind: SessionKind,
}

/// A sign-in that waits, by its token.
pub(crate) async fn find_challenge(
    db: &Db,
    digest: &TokenDigest,
    now: Timestamp,
    tries_max: i32,
) -> Result<Option<Waiting>> {
    let scope = Scope::Presented(digest.as_str().to_owned());
    let row = db.query_opt(scope, &FIND_CHALLENGE, &[&digest.as_str(), &now, &tries_max]).await?;
    row.map(|row| {
        Ok(Waiting {
            id: ChallengeId::from_uuid(row.get(0)),
            user: user_id(row.get(1)),
            kind: SessionKind::read(row.get(2))?,
        })
    })
    .transpose()
}

/// Count a try; false if it waits no more.
pub(crate) async fn try_challenge(
    tx: &mut Tx,
    id: ChallengeId,
    now: Timestamp,
    tries_max: i32,
) -> Result<bool> {
    Ok(tx.execute(&TRY_CHALLENGE, &[&id.uuid(), &now, &tries_max]).await? == 1)
}

/// End the wait; false if a rival was faster.
pub(crate) async fn use_challenge(tx: &mut Tx, id: ChallengeId, now: Timestamp) -> Result<bool> {
    Ok(tx.execute(&USE_CHALLENGE, &[&id.uuid(), &now]).await? == 1)
}

/// Delete one batch of sign-ins that waited in vain; says how many.
pub(crate) async fn sweep(db: &Db, before: Timestamp, batch: i64) -> Result<usize> {
    let scope = Scope::System(Purpose::Sweep);
    Ok(db.query(scope, &SWEEP_CHALLENGES, &[&before, &batch]).await?.len())
}
