//! What a running process has.

use std::sync::Arc;

use underpin_base::Clock;
use underpin_db::Db;
use underpin_files::Uploads;
use underpin_identity::Identity;
use underpin_log::Log;

/// What a running process has, from which jobs, schedules and demo data get what they need. Cheap to clone.
#[derive(Clone)]
pub struct Parts {
    /// The database.
    pub db: Db,
    /// Business time.
    pub clock: Arc<dyn Clock>,
    /// The log.
    pub log: Log,
    /// Tenants and people.
    pub identity: Identity,
    /// Uploaded files.
    pub uploads: Uploads,
    /// Days in which what people deleted can be brought back.
    pub deleted_days: u32,
}
