//! Every statement is prepared against the migrated schema.

use underpin_mail::statements;
use underpin_testkit::TestDb;

use crate::stage::COMPONENTS;

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
