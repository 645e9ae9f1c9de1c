use underpin_base::Secret;
use underpin_db::Scope;

use crate::{
    Error, Identity, Result,
    model::{Email, Origin, Session},
    password::NewPassword,
    store::{sessions, users},
};

impl Identity {
    /// Change one's password; ends every other session.
    ///
    /// Errors: [`Error::Invalid`] with field `current` for a wrong password, `new` for one that may not be chosen;
    /// [`Error::Throttled`] as for signing in: a stolen session must not try passwords faster than a stranger.
    pub async fn change_password(
        &self,
        session: &Session,
        current: Secret<String>,
        new: Secret<String>,
        origin: &Origin,
    ) -> Result<()> {
        let new = NewPassword::parse("new", new)?;
        let email = Email::parse("email", &session.user.email)?;
        let checked = self.check_password(&email, current, origin.address).await;
        let (credentials, _) = checked.map_err(|error| match error {
            Error::WrongCredentials => {
                Error::invalid("current", "wrong", "this is not the password")
            }
            other => other,
        })?;
        let old = credentials.hash.ok_or(Error::Corrupt("password hash"))?;
        let hash = self.passwords().hash(new).await?;
        let (user, keep, now) = (session.user.id, session.id, self.now());
        let (old, hash) = (&old, &hash);
        self.db()
            .transact(Scope::Account(user), |tx, _| {
                Box::pin(async move {
                    users::change_password(tx, user, old, hash, now).await?;
                    sessions::end_others(tx, user, Some(keep), now).await?;
                    Ok(())
                })
            })
            .await
    }
}
