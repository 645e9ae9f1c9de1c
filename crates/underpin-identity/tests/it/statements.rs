//! Every statement is prepared against the migrated schema, and the ones of each request use an index as `app`.

use underpin_identity::statements;

use crate::stage::COMPONENTS;
use underpin_testkit::TestDb;

#[tokio::test]
async fn every_statement_prepares_with_the_types_it_declares() {
    let db = TestDb::new(&COMPONENTS).await;
    let client = db.superuser().await;
    for statement in statements() {
        let prepared = client.prepare_typed(statement.sql, statement.params).await;
        let prepared = prepared.unwrap_or_else(|error| panic!("{}: {error:?}", statement.name));
        assert_eq!(prepared.params(), statement.params, "{}", statement.name);
        let columns: Vec<_> =
            prepared.columns().iter().map(|column| column.type_().clone()).collect();
        assert_eq!(columns, statement.columns, "{}", statement.name);
    }
}

#[tokio::test]
async fn every_table_forces_row_level_security_and_has_a_policy() {
    let db = TestDb::new(&COMPONENTS).await;
    let rows = db
        .superuser()
        .await
        .query(
            "select c.relname::text, c.relrowsecurity and c.relforcerowsecurity,
                    (select count(*) from pg_policy p where p.polrelid = c.oid)
             from pg_class c where c.relname = any ($1)",
            &[&vec![
                "tenant",
                "user_account",
                "user_password",
                "member",
                "member_seen",
                "session",
                "invite",
                "sign_in_attempt",
                "api_key",
                "second_factor",
                "recovery_code",
                "sign_in_challenge",
                "password_reset",
                "trail_head",
                "trail_entry",
                "account_trail_head",
                "account_trail_entry",
            ]],
        )
        .await
        .unwrap();
    assert_eq!(rows.len(), 17);
    for row in rows {
        let table: String = row.get(0);
        assert!(row.get::<_, bool>(1), "{table} is not under forced row level security");
        assert!(row.get::<_, i64>(2) > 0, "{table} has no policy");
    }
}

#[tokio::test]
async fn the_statements_of_each_request_use_an_index_as_app() {
    let db = TestDb::new(&COMPONENTS).await;
    let (client, connection) =
        tokio_postgres::connect(&db.app_url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    // The tables are empty: what counts is whether policies leave an index to be used at all.
    client
        .batch_execute("set enable_seqscan = off; set plan_cache_mode = force_generic_plan")
        .await
        .unwrap();
    for (name, index) in [
        ("identity.authenticate", "session_token_hash_key"),
        ("identity.find_credentials", "user_account_email_key"),
        ("identity.list_sessions", "session_user_idx"),
        ("identity.list_memberships", "member_user_idx"),
        ("identity.list_members", "member_pkey"),
        ("identity.look_up_invite", "invite_token_hash_key"),
        ("identity.charge_attempt", "sign_in_attempt_pkey"),
        ("identity.authenticate_key", "api_key_token_hash_key"),
        ("identity.find_challenge", "sign_in_challenge_token_hash_key"),
        ("identity.look_up_reset", "password_reset_token_hash_key"),
        ("identity.list_trail", "trail_entry_pkey"),
    ] {
        let statement = statements().into_iter().find(|s| s.name == name).unwrap();
        let types: Vec<_> = statement.params.iter().map(underpin_db::Type::name).collect();
        let (plan, nulls) = (name.replace('.', "_"), vec!["null"; types.len()].join(", "));
        let sql = format!("prepare {plan} ({}) as {}", types.join(", "), statement.sql);
        client.batch_execute(&sql).await.unwrap();
        let rows = client.simple_query(&format!("explain execute {plan} ({nulls})")).await.unwrap();
        let lines = rows.iter().filter_map(|row| match row {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        assert!(text.contains(index), "{name}:\n{text}");
    }
}
