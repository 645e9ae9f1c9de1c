//! The handle that every operation of this crate hangs on.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use underpin_base::Clock;
use underpin_db::{Db, Scope, Tx, Wake, Within, Work};
use underpin_mail::Mailer;
use underpin_runtime::CancellationToken;

use crate::{
    Error, Result,
    password::Passwords,
    session_cache::{LEASE, SessionCache, SessionCacheFigures},
    token::Keys,
};

/// A lease of another process, and a little for clocks that do not run alike.
const SETTLED_AFTER: Duration = LEASE.saturating_add(Duration::from_millis(20));

/// People, tenants and sessions of a deployment. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<Parts>);

struct Parts {
    db: Db,
    clock: Arc<dyn Clock>,
    keys: Keys,
    passwords: Passwords,
    sessions: Arc<SessionCache>,
    mail: Option<Post>,
}

/// How this crate writes to people.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) mailer: Mailer,
    /// Scheme and authority of the console, without a slash at the end: never taken from a request.
    pub(crate) public_url: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

impl Identity {
    /// Start with the deployment's secret; starts the threads that hash passwords.
    pub fn new(db: Db, clock: Arc<dyn Clock>, secret_key: &[u8]) -> Self {
        Self::with_keys(db, clock, Keys::new(secret_key, &[]))
    }

    /// The same with former secrets whose tokens are still believed.
    pub fn with_keys(db: Db, clock: Arc<dyn Clock>, keys: Keys) -> Self {
        let (passwords, sessions) = (Passwords::new(), Arc::new(SessionCache::new()));
        Self(Arc::new(Parts { db, clock, keys, passwords, sessions, mail: None }))
    }

    /// Write to people too, with links to the console at this URL. A mailer that goes nowhere is as none.
    #[must_use]
    pub fn with_mail(self, mailer: Mailer, public_url: &str) -> Self {
        let public_url = public_url.trim_end_matches('/').to_owned();
        let mail = mailer.is_on().then_some(Post { mailer, public_url });
        let Parts { db, clock, keys, passwords, sessions, .. } = &*self.0;
        Self(Arc::new(Parts {
            db: db.clone(),
            clock: Arc::clone(clock),
            keys: keys.clone(),
            passwords: passwords.clone(),
            sessions: Arc::clone(sessions),
            mail,
        }))
    }

    /// Keep in memory whom this process let in, and forget whose access changed, until `stop`. Without it each request asks the database.
    pub async fn follow_access(self, stop: CancellationToken) {
        self.0.sessions.follow(self.db(), &stop).await;
    }

    /// How often somebody was known already.
    pub fn session_cache(&self) -> SessionCacheFigures {
        self.0.sessions.figures()
    }

    /// [`Db::transact`] for what ends or narrows somebody's access: answers when no process lets them in any more.
    ///
    /// Cost: besides, the wait for [`LEASE`].
    pub(crate) async fn transact_access<'a, T, F>(
        &self,
        scope: impl Into<Scope>,
        work: F,
    ) -> Result<T>
    where
        F: for<'t> FnMut(&'t mut Tx, Within<'t, 'a>) -> Work<'t, T, Error> + Send,
    {
        let done = self.db().transact(scope, work).await?;
        self.access_ended().await;
        Ok(done)
    }

    /// Hint those who hold something open, and wait until no process goes by what it read before this moment: whatever was committed by now
    /// holds everywhere.
    pub(crate) async fn access_ended(&self) {
        self.db().wakes().hint(Wake::Access);
        tokio::time::sleep(SETTLED_AFTER).await;
    }

    /// Whether it writes to people; where it does not, links are shown to whoever makes them.
    pub fn has_mail(&self) -> bool {
        self.0.mail.is_some()
    }

    /// Where mails are posted, if they go anywhere.
    pub fn mailer(&self) -> Option<&Mailer> {
        self.post().map(|post| &post.mailer)
    }

    pub(crate) fn post(&self) -> Option<&Post> {
        self.0.mail.as_ref()
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    pub(crate) fn sessions_known(&self) -> &SessionCache {
        &self.0.sessions
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}
