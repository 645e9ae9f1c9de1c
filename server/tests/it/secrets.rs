//! The schema itself says which columns open something.

use tokio_postgres::Client;
use underpin_testkit::TestDb;

/// Columns of tables that a purge finds, and thus an export has, which sound like a secret and say neither that they are one nor why not.
async fn unsaid(client: &Client) -> Vec<String> {
    let sql = r"select format('%s.%I', c.oid::regclass, a.attname)
        from pg_policy p join pg_class c on c.oid = p.polrelid join pg_attribute a on a.attrelid = c.oid
        where p.polname = 'purge' and not c.relispartition and a.attnum > 0 and not a.attisdropped
          and a.attname ~ '(token|hash|secret|password|sealed|^key_)'
          and coalesce(col_description(c.oid, a.attnum), '') !~ '^(not )?secret: \S'
        order by 1";
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_column_that_sounds_like_a_secret_says_whether_it_is_one() {
    let test = TestDb::new(&underpin_server::platform().components()).await;
    let client = test.superuser().await;
    assert_eq!(unsaid(&client).await, Vec::<String>::new());
    client.batch_execute("alter table underpin.api_key add column key_seed text").await.unwrap();
    assert_eq!(unsaid(&client).await, ["underpin.api_key.key_seed"]);
    for comment in ["secret: it makes keys", "not secret: it is on the wall"] {
        client
            .batch_execute(&format!("comment on column underpin.api_key.key_seed is '{comment}'"))
            .await
            .unwrap();
        assert_eq!(unsaid(&client).await, Vec::<String>::new(), "{comment}");
    }
}
