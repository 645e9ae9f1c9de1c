//! The handle that every operation of this crate hangs on.

use std::sync::Arc;

use jiff::Timestamp;
use underpin_base::Clock;
use underpin_db::Db;

use crate::{password::Passwords, token::Keys};

/// People, tenants and sessions of a deployment. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<Parts>);

struct Parts {
    db: Db,
    clock: Arc<dyn Clock>,
    keys: Keys,
    passwords: Passwords,
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
        Self(Arc::new(Parts { db, clock, keys, passwords: Passwords::new() }))
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
