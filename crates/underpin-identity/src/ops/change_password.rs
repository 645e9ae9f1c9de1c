use underpin_base::Secret;
use underpin_db::Scope;

use crate::{
    Error, Identity, Result, mails,
    model::{Origin, Session},
    password::NewPassword,
    store::{resets, sessions, users},
    trail::Act,
};

impl Identity {
    /// Change one's password; ends every other session, and every link that would set it anew.
    ///
    /// Effects: an entry in the account's audit trail, and a mail to the person where mails go anywhere.
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
        let credentials = self.confirm_person(session, current, origin, "current").await?;
        let old = credentials.hash.ok_or(Error::Corrupt("password hash"))?;
        let hash = self.passwords().hash(new).await?;
        let (user, keep, now) = (session.user.id, session.id, self.now());
        let (old, hash) = (&old, &hash);
        self.transact_access(Scope::Account(user), |tx, _| {
            Box::pin(async move {
                users::change_password(tx, user, old, hash, now).await?;
                sessions::end_others(tx, user, Some(keep), now).await?;
                resets::end_others(tx, user, now).await?;
                let act = Act::new("password.changed");
                self.told(tx, session, origin, (&mails::PASSWORD_CHANGED, act)).await
            })
        })
        .await
    }
}
