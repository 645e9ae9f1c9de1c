use std::time::Duration;

use underpin_base::{Principal, UserId};

use crate::{
    Error, Identity, Result,
    model::{Known, Membership, SessionId, SessionKind, Standing, is_slug},
    store::{
        api_keys,
        sessions::{self, Moment},
        tenants,
    },
    token::TokenPurpose,
};

/// A use is noted at most this often.
const SEEN_EVERY: Duration = Duration::from_mins(1);

impl Identity {
    /// Who presents this token of a session or API key, and their place in the tenant of this slug.
    ///
    /// Errors: [`Error::Unauthenticated`] for junk (without asking the database), for one that ended or never was.
    /// Cost: one round trip; it also notes the use, at most once a minute.
    pub async fn authenticate(&self, token: &str, slug: Option<&str>) -> Result<Known> {
        let purpose = TokenPurpose::of_bearer(token);
        let digest = self.keys().digest(purpose, token).ok_or(Error::Unauthenticated)?;
        let now = self.now();
        if purpose == TokenPurpose::ApiKey {
            let known = api_keys::authenticate(self.db(), &digest, now, now - SEEN_EVERY, slug);
            return known.await?.ok_or(Error::Unauthenticated);
        }
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

    /// How the sessions and principals that connections were opened for stand by now, in their order. Does not count as a use.
    ///
    /// Cost: one statement, however many.
    pub async fn standings(&self, asked: &[(SessionId, Principal)]) -> Result<Vec<Standing>> {
        sessions::list_standings(self.db(), asked, self.now()).await
    }
}
