use std::time::Duration;

use underpin_base::{Principal, UserId};
use underpin_db::Scope;

use crate::{
    Error, Identity, Result,
    model::{Known, Membership, SessionId, SessionKind, is_slug},
    store::{
        sessions::{self, Moment},
        tenants,
    },
    token::TokenPurpose,
};

/// A use is noted at most this often.
const SEEN_EVERY: Duration = Duration::from_mins(1);

impl Identity {
    /// Who presents this token, and their place in the tenant of this slug.
    ///
    /// Errors: [`Error::Unauthenticated`] for junk (without asking the database), for a session that ended or never was.
    /// Cost: one round trip; it also notes the use of a session, at most once a minute.
    pub async fn authenticate(&self, token: &str, slug: Option<&str>) -> Result<Known> {
        let digest =
            self.keys().digest(TokenPurpose::Session, token).ok_or(Error::Unauthenticated)?;
        let now = self.now();
        let life = SessionKind::Cookie.lifetime();
        let moment = Moment {
            now,
            seen_before: now - SEEN_EVERY,
            slides_before: now + life - life / 10,
            slides_to: now + life,
        };
        // What cannot be a slug is nobody's tenant; asking for it could only fail.
        let slug = slug.filter(|slug| is_slug(slug));
        let known = sessions::authenticate(self.db(), &digest, &moment, slug).await?;
        known.ok_or(Error::Unauthenticated)
    }

    /// The tenants of a person.
    pub async fn memberships(&self, user: UserId) -> Result<Vec<Membership>> {
        tenants::list_memberships(self.db(), user).await
    }

    /// Whether a stream that was opened for this session and principal may go on: the session has not ended, the person
    /// is still a member in the same role. Does not count as a use.
    pub async fn may_go_on(&self, session: SessionId, principal: Principal) -> Result<bool> {
        let row = self
            .db()
            .query_one(
                Scope::Account(principal.subject),
                &sessions::IS_GOOD,
                &[&session.uuid(), &self.now(), &principal.tenant.uuid(), &principal.role.as_str()],
            )
            .await?;
        Ok(row.get(0))
    }
}
