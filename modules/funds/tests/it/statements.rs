//! Every statement fits the migrated schema, and the ones on the hot paths use an index as `app`.

use underpin_funds::statements;

use crate::stage::{DEMO, Stage};

#[tokio::test]
async fn every_statement_prepares_with_the_types_it_declares() {
    let stage = Stage::new().await;
    let client = stage.test.superuser().await;
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
async fn names_and_positions_are_found_by_index_under_row_security() {
    let stage = Stage::new().await;
    stage.import(DEMO).await;
    stage.test.superuser().await.batch_execute("analyze").await.unwrap();
    let (app, connection) =
        tokio_postgres::connect(&stage.test.app_url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let tenant = stage.staff.tenant;
    let set = format!(
        "set underpin.tenant = '{tenant}'; set underpin.subject = '{}'; set underpin.role = 'member'; set enable_seqscan = off",
        stage.staff.subject
    );
    app.batch_execute(&set).await.unwrap();
    let cases = [
        (
            format!(
                "select id from funds.fund where tenant_id = '{tenant}' and deleted_at is null and name_key >= 'rh' and name_key < 'ri' order by name_key limit 50"
            ),
            "name_key >=",
        ),
        (
            format!(
                "select id from funds.fund where tenant_id = '{tenant}' and deleted_at is null and name_key = any('{{a,b}}')"
            ),
            "name_key = ANY",
        ),
        (
            format!(
                "select id from funds.fund where tenant_id = '{tenant}' and deleted_at is null and vintage = 2019 order by name_key limit 50"
            ),
            "vintage = 2019",
        ),
        (
            format!(
                "select id from funds.allocation where tenant_id = '{tenant}' and fund_id = '{tenant}' and coalesce(deleted_at, 'infinity') = 'infinity'"
            ),
            "fund_id =",
        ),
        (
            format!(
                "select 1 from funds.position_report where tenant_id = '{tenant}' and allocation_id = '{tenant}' and as_of <= '2025-01-01' order by as_of desc limit 1"
            ),
            "as_of <=",
        ),
    ];
    for (sql, condition) in cases {
        let plan = app.query(&format!("explain {sql}"), &[]).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
        let by_index =
            plan.iter().any(|line| line.contains("Index Cond") && line.contains(condition));
        assert!(by_index, "{}", plan.join("\n"));
    }
    connection.abort();
}
