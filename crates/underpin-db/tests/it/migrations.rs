//! Once per database, however many start them.

use underpin_base::Secret;
use underpin_db::{Component, Error, Migration, Passwords, bootstrap, drop_database, migrate};
use underpin_testkit::TestDb;

const SLOW: Component = Component {
    name: "slow",
    migrations: &[
        Migration {
            version: "0001_table",
            sql: "select pg_sleep(0.2); create table underpin.slow (n int)",
        },
        Migration { version: "0002_row", sql: "insert into underpin.slow values (1)" },
    ],
};

#[tokio::test]
async fn five_at_once_apply_each_migration_once() {
    let test = TestDb::new(&[]).await;
    let runs = (0..5).map(|_| {
        let url = test.owner_url.clone();
        tokio::spawn(async move { migrate(&url, &[SLOW]).await.unwrap().len() })
    });
    let mut applied = 0;
    for run in runs {
        applied += run.await.unwrap();
    }
    assert_eq!(applied, 2);
    let rows = test.owner().await.query("select n from underpin.slow", &[]).await.unwrap();
    assert_eq!(rows.len(), 1);
}

#[tokio::test]
async fn a_failing_migration_leaves_nothing_and_can_be_mended() {
    let test = TestDb::new(&[]).await;
    let broken = Component {
        name: "slow",
        migrations: &[Migration {
            version: "0001_table",
            sql: "create table underpin.slow (n int); select 1 / 0",
        }],
    };
    let error = migrate(&test.owner_url, &[broken]).await.unwrap_err();
    assert!(error.to_string().contains("division by zero"), "{error}");
    assert_eq!(migrate(&test.owner_url, &[SLOW]).await.unwrap().len(), 2);
}

const LOCKS: &str =
    "alter table underpin.slow add column m int; create index slow_m on underpin.slow (m)";

#[tokio::test]
async fn what_would_hold_up_a_deployment_is_refused_before_it_runs() {
    let test = TestDb::new(&[]).await;
    migrate(&test.owner_url, &[SLOW]).await.unwrap();
    let heavy =
        Component { name: "heavy", migrations: &[Migration { version: "0001_index", sql: LOCKS }] };
    let error = migrate(&test.owner_url, &[SLOW, heavy]).await.unwrap_err().to_string();
    assert!(error.contains("create index concurrently if not exists"), "{error}");
    assert!(test.owner().await.query("select m from underpin.slow", &[]).await.is_err());
    let known = heavy.lint().into_iter().map(|(version, _)| version);
    assert_eq!(known.collect::<Vec<_>>(), ["0001_index"]);
}

#[tokio::test]
async fn an_index_that_could_not_be_built_is_built_anew() {
    let test = TestDb::new(&[]).await;
    let twins = Component {
        name: "twins",
        migrations: &[
            Migration {
                version: "0001_table",
                sql: "create table underpin.twin (n int, m int); insert into underpin.twin values (1, 1), (1, 2)",
            },
            Migration {
                version: "0002_key",
                sql: "-- Two; each by itself.
                    create unique index concurrently if not exists twin_n on underpin.twin (n);
                    create index concurrently if not exists twin_m on underpin.twin (m);",
            },
        ],
    };
    let error = migrate(&test.owner_url, &[twins]).await.unwrap_err().to_string();
    assert!(error.contains("twin_n"), "{error}");
    let owner = test.owner().await;
    let valid =
        "select count(*) from pg_index where indrelid = 'underpin.twin'::regclass and indisvalid";
    assert_eq!(owner.query_one(valid, &[]).await.unwrap().get::<_, i64>(0), 0);
    owner.batch_execute("delete from underpin.twin where m = 2").await.unwrap();
    assert_eq!(migrate(&test.owner_url, &[twins]).await.unwrap().len(), 1);
    assert_eq!(owner.query_one(valid, &[]).await.unwrap().get::<_, i64>(0), 2);
}

#[tokio::test]
async fn a_changed_file_is_refused() {
    let test = TestDb::new(&[]).await;
    migrate(&test.owner_url, &[SLOW]).await.unwrap();
    let changed = Component {
        name: "slow",
        migrations: &[Migration {
            version: "0001_table",
            sql: "create table underpin.slow (n bigint)",
        }],
    };
    assert!(matches!(migrate(&test.owner_url, &[changed]).await, Err(Error::Migration { .. })));
}

#[tokio::test]
async fn what_is_pending_is_known_without_applying_it() {
    let test = TestDb::new(&[]).await;
    let pending = underpin_db::pending(&test.db, &[SLOW]).await.unwrap();
    assert_eq!(pending.iter().map(|p| p.version).collect::<Vec<_>>(), ["0001_table", "0002_row"]);
    migrate(&test.owner_url, &[SLOW]).await.unwrap();
    assert_eq!(underpin_db::pending(&test.db, &[SLOW]).await.unwrap(), []);
}

#[tokio::test]
async fn database_and_roles_are_made_once_and_have_no_special_rights() {
    let test = TestDb::new(&[]).await;
    let admin = test.superuser_url();
    let name = format!("ut_boot_{}", std::process::id());
    let password = || Secret::new("p'w".to_owned());
    let passwords = Passwords { owner: password(), app: password(), system: password() };
    let (one, two) =
        tokio::join!(bootstrap(&admin, &name, &passwords), bootstrap(&admin, &name, &passwords));
    let urls = one.unwrap();
    two.unwrap();
    migrate(urls.owner.expose(), &[SLOW]).await.unwrap();
    let superuser = test.superuser().await;
    let special: i64 = superuser
        .query_one("select count(*) from pg_roles where rolname like $1 and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)", &[&format!("{name}%")])
        .await
        .unwrap()
        .get(0);
    assert_eq!(special, 0);
    drop_database(&admin, &name).await.unwrap();
    for role in ["owner", "app", "system"] {
        superuser.batch_execute(&format!("drop role {name}_{role}")).await.unwrap();
    }
}
