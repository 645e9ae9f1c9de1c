use std::time::Duration;

use jiff::Timestamp;
use underpin_base::{Principal, UserId};

use crate::{
    Error, Identity, Result, TokenDigest,
    model::{Known, Membership, SessionId, SessionKind, Standing, is_slug},
    session_cache::Presented,
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
    /// Cost: none where the process let them in within the last minute and nothing changed; else one round trip, which also notes the use,
    /// at most once a minute.
    pub async fn authenticate(&self, token: &str, slug: Option<&str>) -> Result<Known> {
        let purpose = TokenPurpose::of_bearer(token);
        let digest = self.keys().digest(purpose, token).ok_or(Error::Unauthenticated)?;
        // What cannot be a slug is nobody's tenant; asking for it could only fail.
        let slug = slug.filter(|slug| is_slug(slug));
        let (now, presented) = (self.now(), Presented { digest, slug: slug.map(Into::into) });
        let digest = presented.digest.clone();
        let ask = || self.ask_database(purpose, digest, slug, now);
        let known = self.sessions_known().recognise(presented, now, now + SEEN_EVERY, ask).await?;
        known.ok_or(Error::Unauthenticated)
    }

    /// What the database knows of a token; notes the use.
    async fn ask_database(
        &self,
        purpose: TokenPurpose,
        digest: TokenDigest,
        slug: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Known>> {
        let seen_before = now - SEEN_EVERY;
        if purpose == TokenPurpose::ApiKey {
            return api_keys::authenticate(self.db(), &digest, now, seen_before, slug).await;
        }
        let life = SessionKind::Cookie.lifetime();
        let moment = Moment {
            now,
            seen_before,
            slides_before: now + life - life / 10,
            slides_to: now + life,
        };
        sessions::authenticate(self.db(), &digest, &moment, slug).await
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
