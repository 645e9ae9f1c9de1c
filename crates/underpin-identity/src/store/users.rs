//! People and their passwords.

use jiff::Timestamp;
use underpin_base::UserId;
use underpin_db::{Tx, on_constraint};

use crate::{
    Error, Result,
    model::{Email, User, user_id},
};

underpin_db::statements! {
    /// The account of a presented mail, with its hash.
    pub(crate) FIND_CREDENTIALS: "identity.find_credentials" (TEXT) -> (UUID, TEXT, TEXT, TEXT) = "
        select u.id, u.email, u.name, p.hash
        from underpin.user_account u left join underpin.user_password p on p.user_id = u.id
        where u.email_key = $1";

    /// One person.
    pub(crate) FIND: "identity.find_user" (UUID) -> (UUID, TEXT, TEXT) = "
        select id, email, name from underpin.user_account where id = $1";

    /// A new account; `user_account_email_key` refuses a mail that has one.
    pub(crate) INSERT: "identity.insert_user" (UUID, TEXT, TEXT, TEXT, TIMESTAMPTZ) -> () = "
        insert into underpin.user_account (id, email, email_key, name, created_at)
        values ($1, $2, $3, $4, $5)";

    /// The first hash of an account.
    pub(crate) INSERT_PASSWORD: "identity.insert_password" (UUID, TEXT, TIMESTAMPTZ) -> () = "
        insert into underpin.user_password (user_id, hash, changed_at) values ($1, $2, $3)";

    /// Replace a hash by one of the same password, unless the password was changed meanwhile.
    pub(crate) REHASH: "identity.rehash_password" (UUID, TEXT, TEXT) -> () = "
        update underpin.user_password set hash = $3 where user_id = $1 and hash = $2";

    /// Replace the hash `$2` by that of a new password; no row if somebody was faster.
    pub(crate) CHANGE_PASSWORD: "identity.change_password" (UUID, TEXT, TEXT, TIMESTAMPTZ) -> () = "
        update underpin.user_password set hash = $3, changed_at = $4 where user_id = $1 and hash = $2";

    /// Set a hash, whatever it was: the operator's way.
    pub(crate) SET_PASSWORD: "identity.set_password" (UUID, TEXT, TIMESTAMPTZ) -> () = "
        insert into underpin.user_password (user_id, hash, changed_at) values ($1, $2, $3)
        on conflict (user_id) do update set hash = excluded.hash, changed_at = excluded.changed_at";
}

/// An account as a sign-in needs it.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub(crate) user: User,
    pub(crate) hash: Option<String>,
}

/// One person.
pub(crate) async fn find(tx: &mut Tx, user: UserId) -> Result<Option<User>> {
    let row = tx.query_opt(&FIND, &[&user.uuid()]).await?;
    Ok(row.map(|row| User { id: user_id(row.get(0)), email: row.get(1), name: row.get(2) }))
}

/// The account of a mail; sees it in the scope that presents the mail's key, and as `system`.
pub(crate) async fn find_credentials(tx: &mut Tx, email_key: &str) -> Result<Option<Credentials>> {
    let row = tx.query_opt(&FIND_CREDENTIALS, &[&email_key]).await?;
    Ok(row.map(|row| Credentials {
        user: User { id: user_id(row.get(0)), email: row.get(1), name: row.get(2) },
        hash: row.get(3),
    }))
}

/// Store a person with their first hash.
///
/// Errors: [`Error::Rival`] if the mail got an account meanwhile.
pub(crate) async fn insert(
    tx: &mut Tx,
    id: UserId,
    email: &Email,
    name: &str,
    hash: &str,
    now: Timestamp,
) -> Result<()> {
    let inserted =
        tx.execute(&INSERT, &[&id.uuid(), &email.as_str(), &email.key(), &name, &now]).await;
    on_constraint(inserted, |constraint| match constraint {
        "user_account_email_key" => Some(Error::Rival),
        _ => None,
    })?;
    tx.execute(&INSERT_PASSWORD, &[&id.uuid(), &hash, &now]).await?;
    Ok(())
}

/// Replace a hash by one of the same password.
pub(crate) async fn rehash(tx: &mut Tx, user: UserId, old: &str, new: &str) -> Result<()> {
    tx.execute(&REHASH, &[&user.uuid(), &old, &new]).await?;
    Ok(())
}

/// Replace the hash by that of a new password.
///
/// Errors: [`Error::Rival`] if the password was changed since it was checked.
pub(crate) async fn change_password(
    tx: &mut Tx,
    user: UserId,
    old: &str,
    new: &str,
    now: Timestamp,
) -> Result<()> {
    match tx.execute(&CHANGE_PASSWORD, &[&user.uuid(), &old, &new, &now]).await? {
        1 => Ok(()),
        _ => Err(Error::Rival),
    }
}

/// Set a hash, whatever it was.
pub(crate) async fn set_password(
    tx: &mut Tx,
    user: UserId,
    hash: &str,
    now: Timestamp,
) -> Result<()> {
    tx.execute(&SET_PASSWORD, &[&user.uuid(), &hash, &now]).await?;
    Ok(())
}
