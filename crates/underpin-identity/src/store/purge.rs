//! The end of a tenant.

use underpin_base::TenantId;
use underpin_db::Tx;
use uuid::Uuid;

use crate::Result;

underpin_db::statements! {
    /// Let the statements of this transaction take so many milliseconds: a large tenant goes in one.
    pub(crate) TAKE_TIME: "identity.take_time" (TEXT) -> (TEXT) = "
        select set_config('statement_timeout', $1, true)";

    /// The people of a tenant, present and former, who have no place in another.
    pub(crate) LIST_PEOPLE: "identity.list_people_of_one_tenant" (UUID) -> (UUID) = "
        select m.user_id from underpin.member m
        where m.tenant_id = $1 and not exists (
            select from underpin.member o where o.user_id = m.user_id and o.tenant_id <> $1)";

    /// Delete a tenant and these people; a row per table with the number of rows that went.
    pub(crate) PURGE: "identity.purge_tenant" (UUID, UUID_ARRAY) -> (TEXT, INT8) = "
        select name, deleted from underpin.purge_tenant($1, $2)";
}

/// Longest that one statement of a purge may take.
const PURGE_MS_MAX: &str = "600000";

/// Delete a tenant and the people who are of it alone; gives tables and counts, several of one table if rows came meanwhile.
pub(crate) async fn purge(tx: &mut Tx, tenant: TenantId) -> Result<Vec<(String, i64)>> {
    let tenant = tenant.uuid();
    tx.query_one(&TAKE_TIME, &[&PURGE_MS_MAX]).await?;
    let people: Vec<Uuid> =
        tx.query(&LIST_PEOPLE, &[&tenant]).await?.iter().map(|row| row.get(0)).collect();
    let rows = tx.query(&PURGE, &[&tenant, &people]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
