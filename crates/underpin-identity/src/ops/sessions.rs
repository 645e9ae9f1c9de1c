use underpin_base::UserId;
use underpin_db::Scope;

use super::trail::record_account;
use crate::{
    Error, Identity, Result,
    model::{Session, SessionEntry, SessionId},
    store::sessions,
    trail::{Act, Actor},
};

impl Identity {
    /// The sessions of a person that go on, last used first; at most 500, as many as one can have.
    pub async fn sessions(&self, user: UserId) -> Result<Vec<SessionEntry>> {
        sessions::list(self.db(), user, self.now()).await
    }

    /// Sign out here: end the session that asks. Retry: safe.
    pub async fn sign_out(&self, session: &Session) -> Result<()> {
        match self.end_session(session.user.id, session.id).await {
            Err(Error::NotFound(_)) => Ok(()),
            outcome => outcome,
        }
    }

    /// Sign out everywhere: end every session of a person. Retry: safe.
    pub async fn sign_out_everywhere(&self, user: UserId) -> Result<()> {
        let now = self.now();
        self.transact_access(Scope::Account(user), |tx, _| {
            Box::pin(async move {
                sessions::end_others(tx, user, None, now).await?;
                let act = Act::new("sessions.ended");
                record_account(tx, user, now, (Actor::Person(user), act)).await
            })
        })
        .await
    }

    /// End one session of a person.
    ///
    /// Errors: [`Error::NotFound`] if they have no such session that goes on.
    pub async fn end_session(&self, user: UserId, session: SessionId) -> Result<()> {
        let now = self.now();
        let params: &[&(dyn underpin_db::ToSql + Sync)] = &[&user.uuid(), &session.uuid(), &now];
        let ended = self.db().query_opt(Scope::Account(user), &sessions::END_ONE, params).await?;
        if ended.is_some() {
            self.access_ended().await;
        }
        ended.map(|_| ()).ok_or(Error::NotFound("session"))
    }
}
