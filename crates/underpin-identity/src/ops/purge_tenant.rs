use std::collections::BTreeMap;

use underpin_base::TenantId;
use underpin_db::{Purpose, Scope};

use crate::{
    Error, Identity, Result,
    store::{purge, tenants},
};

/// What went with a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purged {
    /// The tenant: names what lies outside of the database.
    pub tenant: TenantId,
    /// Every table that may hold something of a tenant, by name, and how many rows of it went.
    pub tables: Vec<(String, i64)>,
}

impl Identity {
    /// Delete a tenant with all its rows, and the people who have no place in another; nothing is announced and nothing stays.
    ///
    /// Keeps: other tenants' rows, and people with a place there. The one exception to "nothing is deleted".
    /// Effects: one transaction; the tenant's objects are the caller's to remove, or the sweep's. A request of the tenant that is under way
    /// meanwhile may still commit: purge one that nobody uses.
    /// Errors: [`Error::NotFound`] if there is no such tenant, so also if it was purged before.
    /// Retry: safe. Cost: reads each table of the tenant once; up to ten minutes a statement.
    pub async fn purge_tenant(&self, slug: &str) -> Result<Purged> {
        self.transact_access(Scope::System(Purpose::Purge), |tx, _| {
            Box::pin(async move {
                let found = tenants::find(tx, slug).await?;
                let tenant = found.ok_or(Error::NotFound("tenant"))?.id;
                let mut tables = BTreeMap::<String, i64>::new();
                for (table, deleted) in purge::purge(tx, tenant).await? {
                    *tables.entry(table).or_default() += deleted;
                }
                if tables.is_empty() {
                    // A rival was faster.
                    return Err(Error::NotFound("tenant"));
                }
                Ok(Purged { tenant, tables: tables.into_iter().collect() })
            })
        })
        .await
    }
}
