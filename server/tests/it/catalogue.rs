//! What the catalogue of a migrated database must say about isolation.

use underpin_testkit::TestDb;

async fn list(sql: &str) -> Vec<String> {
    let test = TestDb::new(&underpin_server::platform().components()).await;
    let client = test.superuser().await;
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn every_table_forces_row_level_security() {
    let open = list(
        "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname !~ '^(pg_|information_schema)' and c.relkind in ('r', 'p')
           and c.oid::regclass::text not in ('underpin.migration', 'underpin.test_clock')
           and not (c.relrowsecurity and c.relforcerowsecurity)",
    )
    .await;
    assert_eq!(open, [""; 0]);
}

#[tokio::test]
async fn every_table_that_the_application_may_touch_has_a_policy_for_it() {
    let bare = list(
        "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname !~ '^(pg_|information_schema)' and c.relkind in ('r', 'p')
           and c.oid::regclass::text not in ('underpin.migration', 'underpin.test_clock')
           and exists (select from information_schema.role_table_grants g
                       where g.table_schema = n.nspname and g.table_name = c.relname and g.grantee like '%\\_app')
           and not exists (select from pg_policy p where p.polrelid = c.oid)",
    )
    .await;
    assert_eq!(bare, [""; 0]);
}

#[tokio::test]
async fn the_roles_own_nothing_and_pass_no_policy_by() {
    let owned = list(
        "select c.oid::regclass::text from pg_class c join pg_roles r on r.oid = c.relowner
         where r.rolname like '%\\_app' or r.rolname like '%\\_system'",
    )
    .await;
    assert_eq!(owned, [""; 0]);
    let special = list(
        "select rolname::text from pg_roles
         where rolname ~ '^ut_.*_(owner|app|system)$' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)",
    )
    .await;
    assert_eq!(special, [""; 0]);
}

#[tokio::test]
async fn every_foreign_key_of_a_tenants_table_stays_in_the_tenant_and_has_an_index() {
    let crossing = list(
        "select k.conname::text from pg_constraint k
         where k.contype = 'f' and k.connamespace::regnamespace::text !~ '^pg_'
           and exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attname = 'tenant_id')
           and exists (select from pg_attribute a where a.attrelid = k.confrelid and a.attname = 'tenant_id')
           and not exists (select from pg_attribute a
                           where a.attrelid = k.conrelid and a.attname = 'tenant_id' and a.attnum = any (k.conkey))",
    )
    .await;
    assert_eq!(crossing, [""; 0]);
}

#[tokio::test]
async fn a_function_that_runs_as_its_owner_pins_its_search_path() {
    let loose = list(
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname !~ '^(pg_|information_schema)' and p.prosecdef
           and not exists (select from unnest(coalesce(p.proconfig, '{}')) s where s like 'search_path=%')",
    )
    .await;
    assert_eq!(loose, [""; 0]);
}

#[tokio::test]
async fn no_function_of_ours_is_open_to_everybody_to_act_as_the_owner() {
    let open = list(
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname !~ '^(pg_|information_schema)' and p.prosecdef
           and (p.proacl is null or exists (select from aclexplode(p.proacl) a where a.grantee = 0))",
    )
    .await;
    assert_eq!(open, [""; 0]);
}
