//! Passwords that somebody asks to set anew.

use jiff::Timestamp;
use underpin_base::UserId;
use underpin_db::{Db, Purpose, Scope, Tx};

use crate::{
    Result,
    model::{ResetId, User, user_id},
    token::TokenDigest,
};

underpin_db::statements! {
    /// Note that somebody asks; nobody looks whether there is such an account.
    pub(crate) INSERT: "identity.insert_reset" (UUID, TEXT, TEXT, TIMESTAMPTZ, TIMESTAMPTZ) -> () = "
        insert into underpin.password_reset (id, email_key, language, created_at, expires_at)
        values ($1, $2, $3, $4, $5)";

    /// Who is meant, for the job that mails them; no row once it was mailed or is too late.
    pub(crate) FIND: "identity.find_reset" (UUID, TIMESTAMPTZ) -> (TEXT, TIMESTAMPTZ, UUID, TEXT, TEXT) = "
        select r.language, r.expires_at, u.id, u.email, u.name
        from underpin.password_reset r left join underpin.user_account u on u.email_key = r.email_key
        where r.id = $1 and r.user_id is null and r.expires_at > $2";

    /// Note whom the mail went to, and what its link carries.
    pub(crate) UPDATE_MAILED: "identity.update_reset_mailed" (UUID, UUID, TEXT) -> () = "
        update underpin.password_reset set user_id = $2, token_hash = $3 where id = $1 and user_id is null";

    /// Forget one that nobody is meant by.
    pub(crate) DELETE: "identity.delete_reset" (UUID) -> () = "
        delete from underpin.password_reset where id = $1";

    /// Whose password a link sets.
    pub(crate) LOOK_UP: "identity.look_up_reset" (TEXT, TIMESTAMPTZ) -> (UUID, UUID) = "
        select id, user_id from underpin.password_reset
        where token_hash = $1 and used_at is null and expires_at > $2";

    /// Use a link up; no row if a rival was faster.
    pub(crate) USE: "identity.use_reset" (UUID, TIMESTAMPTZ) -> () = "
        update underpin.password_reset set used_at = $2 where id = $1 and used_at is null and expires_at > $2";

    /// End every other link of a person.
    pub(crate) END_OTHERS: "identity.end_resets" (UUID, TIMESTAMPTZ) -> () = "
        update underpin.password_reset set used_at = $2 where user_id = $1 and used_at is null";

    /// Delete a batch of those that ended before `$1`.
    pub(crate) SWEEP: "identity.sweep_resets" (TIMESTAMPTZ, INT8) -> (UUID) = "
        delete from underpin.password_reset where id in (
            select id from underpin.password_reset where expires_at < $1 order by expires_at limit $2) returning id";
}

/// Note that somebody asks.
pub(crate) async fn insert(
    tx: &mut Tx,
    id: ResetId,
    (email_key, language): (&str, &str),
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    tx.execute(&INSERT, &[&id.uuid(), &email_key, &language, &now, &expires_at]).await?;
    Ok(())
}

/// What somebody asked for.
pub(crate) struct Asked {
    pub(crate) language: String,
    pub(crate) expires_at: Timestamp,
    /// Who is meant, if there is such an account.
    pub(crate) user: Option<User>,
}

/// What somebody asked for, for the job that mails them.
pub(crate) async fn find(tx: &mut Tx, id: ResetId, now: Timestamp) -> Result<Option<Asked>> {
    let row = tx.query_opt(&FIND, &[&id.uuid(), &now]).await?;
    Ok(row.map(|row| {
        let user: Option<uuid::Uuid> = row.get(2);
        let user = user.map(|id| User { id: user_id(id), email: row.get(3), name: row.get(4) });
        Asked { language: row.get(0), expires_at: row.get(1), user }
    }))
}

/// Note whom the mail went to.
pub(crate) async fn update_mailed(
    tx: &mut Tx,
    id: ResetId,
    user: UserId,
    digest: &TokenDigest,
) -> Result<()> {
    tx.execute(&UPDATE_MAILED, &[&id.uuid(), &user.uuid(), &digest.as_str()]).await?;
    Ok(())
}

/// Forget one that nobody is meant by.
pub(crate) async fn delete(tx: &mut Tx, id: ResetId) -> Result<()> {
    tx.execute(&DELETE, &[&id.uuid()]).await?;
    Ok(())
}

/// Whose password a link sets; `None` if it leads nowhere.
pub(crate) async fn look_up(
    db: &Db,
    digest: &TokenDigest,
    now: Timestamp,
) -> Result<Option<(ResetId, UserId)>> {
    let scope = Scope::Presented(digest.as_str().to_owned());
    let row = db.query_opt(scope, &LOOK_UP, &[&digest.as_str(), &now]).await?;
    Ok(row.map(|row| (ResetId::from_uuid(row.get(0)), user_id(row.get(1)))))
}

/// Use a link up; false if a rival was faster.
pub(crate) async fn use_up(tx: &mut Tx, id: ResetId, now: Timestamp) -> Result<bool> {
    Ok(tx.execute(&USE, &[&id.uuid(), &now]).await? == 1)
}

/// End every link of a person.
pub(crate) async fn end_others(tx: &mut Tx, user: UserId, now: Timestamp) -> Result<()> {
    tx.execute(&END_OTHERS, &[&user.uuid(), &now]).await?;
    Ok(())
}

/// Delete one batch; says how many.
pub(crate) async fn sweep(db: &Db, before: Timestamp, batch: i64) -> Result<usize> {
    Ok(db.query(Scope::System(Purpose::Sweep), &SWEEP, &[&before, &batch]).await?.len())
}
