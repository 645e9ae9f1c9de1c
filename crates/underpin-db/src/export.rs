//! All rows of one tenant, as one moment has them.

use futures_util::TryStreamExt as _;
use underpin_base::TenantId;

use crate::{Error, Result, settings::connect_plain};

/// A table and how many rows of a tenant it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedTable {
    /// Its name with its schema.
    pub name: String,
    /// The rows that were told.
    pub rows: u64,
}

/// Read every row of a tenant, and who its people are, in one snapshot; `tell` gets the table and a row as one JSON object, table by table.
///
/// Which tables those are, and which of their rows, says the policy by which a purge finds them: what a purge would remove is what an
/// export has, but for what people deleted; forced row level security keeps all else away. A column whose comment begins with `secret:` opens
/// something and leaves with nobody. Needs the owner's URL.
/// Keeps: nothing is written. Errors: the database's, and whatever `tell` says. Cost: reads each table of the tenant once.
pub async fn export_tenant<E: From<Error>>(
    owner_url: &str,
    tenant: TenantId,
    mut tell: impl FnMut(&str, &str) -> Result<(), E>,
) -> Result<Vec<ExportedTable>, E> {
    let named = |error| Error::from_postgres("db.export_tenant", error);
    let client = connect_plain(owner_url).await?;
    // The identifier is a UUID: nothing in it has to be quoted.
    client
        .batch_execute(&format!(
            "begin isolation level repeatable read read only; set local statement_timeout = 0; \
             set local underpin.purge = '{tenant}'; set local underpin.export = 'on'"
        ))
        .await
        .map_err(named)?;
    let sql = "select format('%I.%I', n.nspname, c.relname), exists (
                   select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped),
                   array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and not a.attisdropped
                       and starts_with(col_description(c.oid, a.attnum), 'secret:'))
               from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
               where p.polname = 'purge' and not c.relispartition order by 1";
    let found = client.query(sql, &[]).await.map_err(named)?;
    let mut tables = Vec::new();
    for row in found {
        let (name, of_tenants): (String, bool) = (row.get(0), row.get(1));
        let secrets: Vec<String> = row.get(2);
        // Sessions and passwords are a person's, who may have a place elsewhere.
        if of_tenants || name == "underpin.tenant" {
            let sql = format!("select (to_jsonb(t) - $1::text[])::text from {name} t");
            tables.push((name, sql, secrets));
        }
    }
    let people = "select array_agg(user_id)::text from underpin.member";
    let people: Option<String> = client.query_one(people, &[]).await.map_err(named)?.get(0);
    client
        .execute(
            "select set_config('underpin.purge_people', $1, true)",
            &[&people.unwrap_or_default()],
        )
        .await
        .map_err(named)?;
    let sql = "select (to_jsonb(t) - $1::text[])::text from (select id, email, name, created_at from underpin.user_account) t";
    tables.push(("underpin.user_account".to_owned(), sql.to_owned(), Vec::new()));

    let mut exported = Vec::with_capacity(tables.len());
    for (name, sql, secrets) in tables {
        let rows = client.query_raw(&sql, [&secrets]).await.map_err(named)?;
        let mut rows = std::pin::pin!(rows);
        let mut count = 0;
        while let Some(row) = rows.try_next().await.map_err(named)? {
            tell(&name, row.get(0))?;
            count += 1;
        }
        exported.push(ExportedTable { name, rows: count });
    }
    client.batch_execute("rollback").await.map_err(named)?;
    Ok(exported)
}
