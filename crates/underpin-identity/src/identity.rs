//! The handle that every operation of this crate hangs on.

use std::sync::Arc;

use jiff::Timestamp;
use underpin_base::Clock;
use underpin_db::Db;
use underpin_mail::Mailer;

use crate::{password::Passwords, token::Keys};

/// People, tenants and sessions of a deployment. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<Parts>);

struct Parts {
    db: Db,
    clock: Arc<dyn Clock>,
    keys: Keys,
    passwords: Passwords,
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
        Self(Arc::new(Parts { db, clock, keys, passwords: Passwords::new(), mail: None }))
    }

    /// Write to people too, with links to the console at this URL. A mailer that goes nowhere is as none.
    #[must_use]
    pub fn with_mail(self, mailer: Mailer, public_url: &str) -> Self {
        let public_url = public_url.trim_end_matches('/').to_owned();
        let mail = mailer.is_on().then_some(Post { mailer, public_url });
        let Parts { db, clock, keys, passwords, .. } = &*self.0;
        Self(Arc::new(Parts {
            db: db.clone(),
            clock: Arc::clone(clock),
            keys: keys.clone(),
            passwords: passwords.clone(),
            mail,
        }))
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

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}
