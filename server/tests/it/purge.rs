//! A tenant that is purged leaves nothing behind and takes nothing of anybody else's.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::Value;
use tokio_postgres::Client;
use underpin::Parts;
use underpin_base::{Principal, Role, Secret, SystemClock, TenantId, UserId};
use underpin_files::{Files, Uploads};
use underpin_identity::{Error, Identity, NewTenant, NewUser, Origin, SignIn};
use underpin_jobs::{Runner, RunnerSettings};
use underpin_log::{Log, Sequencer};
use underpin_runtime::CancellationToken;
use underpin_testkit::{TestDb, until};

use crate::commands::underpin;

const PASSWORD: &str = "correct horse battery";

struct Stage {
    test: TestDb,
    parts: Parts,
    directory: PathBuf,
}

impl Stage {
    async fn new() -> Self {
        let test = TestDb::new(&underpin_server::platform().components()).await;
        let directory = std::env::temp_dir().join(format!("underpin-purge-{}", UserId::new()));
        let (db, clock) = (test.db.clone(), Arc::new(SystemClock));
        let files = Files::local(&directory).unwrap();
        let parts = Parts {
            identity: Identity::new(db.clone(), clock.clone(), &[7; 32]),
            log: Log::new(db.clone()),
            uploads: Uploads::new(db.clone(), files, clock.clone()),
            clock,
            db,
            deleted_days: 30,
        };
        Self { test, parts, directory }
    }

    async fn tenant(&self, slug: &str, owner: &str) -> (TenantId, UserId) {
        let identity = &self.parts.identity;
        let new = NewTenant {
            slug: slug.into(),
            name: slug.into(),
            accent: "#112233".into(),
            currency: "USD".parse().unwrap(),
        };
        let tenant = identity.create_tenant(new).await.unwrap().into_inner();
        let user = self.person(owner).await;
        identity.add_member(tenant, user, Role::Owner).await.unwrap();
        (tenant, user)
    }

    async fn person(&self, name: &str) -> UserId {
        let (email, password) = (format!("{name}@example.com"), Secret::new(PASSWORD.into()));
        let new = NewUser { email, name: name.into(), password };
        self.parts.identity.create_user(new).await.unwrap().into_inner()
    }

    async fn sign_in(&self, name: &str) -> Result<(), Error> {
        let sign_in = SignIn {
            email: format!("{name}@example.com"),
            password: Secret::new(PASSWORD.into()),
            kind: underpin_identity::SessionKind::Token,
            origin: Origin::default(),
            former: None,
        };
        self.parts.identity.sign_in(sign_in).await.map(|_| ())
    }

    /// The demo book of a tenant: an import by a worker, its uploads, jobs, events and their places in the log.
    async fn seed(&self, owner: Principal) {
        let (platform, stop) = (underpin_server::platform(), CancellationToken::new());
        let registry = platform.registry(&self.parts);
        let runner = Runner::new(self.parts.db.clone(), registry, RunnerSettings::default());
        let worker = tokio::spawn(runner.run(stop.clone()));
        let sequencer = tokio::spawn(Sequencer::run(self.parts.db.clone(), stop.clone()));
        platform.seed(&self.parts, owner).await.unwrap();
        let client = self.test.superuser().await;
        until("nothing waits any more", async || {
            let sql = "select (select count(*) from underpin.job where tenant_id is not null)
                            + (select count(*) from underpin.event_pending)";
            (client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 0).then_some(())
        })
        .await;
        stop.cancel();
        let _ = tokio::join!(worker, sequencer);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Every table with rows of tenants, partitions apart.
async fn tenant_tables(client: &Client) -> Vec<String> {
    let sql = "select c.oid::regclass::text from pg_class c join pg_attribute a on a.attrelid = c.oid
        where a.attname = 'tenant_id' and c.relkind in ('r', 'p') and not c.relispartition order by 1";
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// How many rows of a tenant each table has.
async fn count(client: &Client, tenant: TenantId) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for table in tenant_tables(client).await {
        let sql = format!("select count(*) from {table} where tenant_id = '{tenant}'");
        counts.insert(table, client.query_one(&sql, &[]).await.unwrap().get(0));
    }
    counts
}

/// Give a tenant a row in each table that has none of it, whatever the table is about.
async fn fill(client: &Client, tenant: TenantId) {
    for (table, _) in count(client, tenant).await.into_iter().filter(|(_, rows)| *rows == 0) {
        let sql = "select format('insert into %s (%s) values (%s)', $1::text::regclass,
                string_agg(quote_ident(attname), ', '), string_agg(case
                    when attname = 'tenant_id' then quote_literal($2::text)
                    when atttypid = 'uuid'::regtype then quote_literal(gen_random_uuid())
                    when atttypid = 'timestamptz'::regtype then 'underpin.now()'
                    when atttypid = 'date'::regtype then '(underpin.now() at time zone ''UTC'')::date'
                    when atttypid = 'text'::regtype then quote_literal(gen_random_uuid())
                    when atttypid = 'boolean'::regtype then 'false'
                    when atttypid = 'jsonb'::regtype then '''{}'''
                    when atttypid = 'bytea'::regtype then '''x'''
                    when typcategory = 'A' then '''{}'''
                    else '1' end, ', '))
            from pg_attribute join pg_type t on t.oid = atttypid
            where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''
              and (attnotnull or attname = 'tenant_id')";
        let insert: String =
            client.query_one(sql, &[&table, &tenant.to_string()]).await.unwrap().get(0);
        // What the row says does not matter: neither its form nor what it refers to is judged.
        let checks = "select format('alter table %s drop constraint %I', conrelid::regclass, conname) from pg_constraint
            where conrelid = $1::text::regclass and contype = 'c' and conislocal";
        for check in client.query(checks, &[&table]).await.unwrap() {
            client.batch_execute(check.get(0)).await.unwrap();
        }
        let sql = format!(
            "set session_replication_role = replica; {insert}; reset session_replication_role"
        );
        client.batch_execute(&sql).await.unwrap_or_else(|error| panic!("{insert}: {error:?}"));
    }
}

#[tokio::test]
async fn every_table_of_a_purged_tenant_is_empty_and_no_other_row_is_gone() {
    let stage = Stage::new().await;
    let (gone, owner) = stage.tenant("gone", "gina").await;
    let (stays, other) = stage.tenant("stays", "sam").await;
    for (tenant, subject) in [(gone, owner), (stays, other)] {
        stage.seed(Principal { tenant, subject, role: Role::Owner }).await;
    }
    let client = stage.test.superuser().await;
    for tenant in [gone, stays] {
        fill(&client, tenant).await;
    }
    let (before, others) = (count(&client, gone).await, count(&client, stays).await);
    assert!(before.len() > 15, "{before:?}");
    let empty: Vec<_> = before.iter().filter(|(_, rows)| **rows == 0).collect();
    assert!(empty.is_empty(), "nothing is proven of {empty:?}");
    let objects = |tenant| stage.directory.join(format!("uploads/{tenant}")).read_dir();
    assert!(objects(gone).unwrap().next().is_some());

    let purged = stage.parts.identity.purge_tenant("gone").await.unwrap();
    assert_eq!(purged.tenant, gone);
    let told: BTreeMap<_, _> = purged.tables.iter().cloned().collect();
    for (table, rows) in &before {
        assert_eq!(told.get(table), Some(rows), "{table}");
    }
    assert_eq!(told["underpin.tenant"], 1);
    let after = count(&client, gone).await;
    assert!(after.values().all(|rows| *rows == 0), "{after:?}");
    assert_eq!(count(&client, stays).await, others);

    stage.parts.uploads.remove_objects_of(gone).await.unwrap();
    assert!(objects(gone).is_err() || objects(gone).unwrap().next().is_none());
    assert!(objects(stays).unwrap().next().is_some());
    let again = stage.parts.identity.purge_tenant("gone").await;
    assert!(matches!(again, Err(Error::NotFound("tenant"))), "{again:?}");
}

#[tokio::test]
async fn an_export_has_what_a_purge_would_remove_and_nothing_of_another_or_that_opens_anything() {
    let stage = Stage::new().await;
    let (leaves, owner) = stage.tenant("leaves", "lea").await;
    let (stays, other) = stage.tenant("stays", "sam").await;
    for (tenant, subject) in [(leaves, owner), (stays, other)] {
        stage.seed(Principal { tenant, subject, role: Role::Owner }).await;
    }
    let client = stage.test.superuser().await;
    fill(&client, leaves).await;
    let before = count(&client, leaves).await;

    let out = stage.directory.join("export");
    let export = |out: &Path| {
        let mut command = underpin(&["tenant", "export", "--slug", "leaves", "--out"]);
        command.arg(out).envs([
            ("UNDERPIN_DATABASE_OWNER_URL", stage.test.owner_url.as_str()),
            ("UNDERPIN_DATABASE_APP_URL", &stage.test.app_url),
            ("UNDERPIN_DATABASE_SYSTEM_URL", &stage.test.system_url),
            (
                "UNDERPIN_SECURITY_SECRET_KEY",
                "9f4c1e7ab2d86035cf1974e8a6b03d52e71c98fa4460bd37125ec8f09a3db641",
            ),
            ("UNDERPIN_FILES_DIRECTORY", stage.directory.to_str().unwrap()),
        ]);
        command.output().unwrap()
    };
    let done = export(&out);
    let words = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.success(), "{words}");

    let manifest: Value =
        serde_json::from_slice(&std::fs::read(out.join("manifest.json")).unwrap()).unwrap();
    let tables = manifest["tables"].as_array().unwrap();
    let mut text = String::new();
    for (table, rows) in &before {
        let listed = tables.iter().find(|listed| listed["name"] == table.as_str());
        let listed = listed.unwrap_or_else(|| panic!("{table} is missing"));
        assert_eq!(listed["rows"], *rows, "{table}");
        let lines = std::fs::read_to_string(out.join(listed["file"].as_str().unwrap())).unwrap();
        assert_eq!(lines.lines().count() as i64, *rows, "{table}");
        text += &lines;
    }
    assert!(!text.contains(&stays.to_string()), "a row of another tenant");
    for secret in ["token_hash", "code_hash", "password_hash", "sealed"] {
        assert!(!text.contains(&format!("\"{secret}\"")), "{secret}");
    }
    let people = std::fs::read_to_string(out.join("underpin.user_account.jsonl")).unwrap();
    assert!(people.contains("lea@example.com") && !people.contains("sam@example.com"), "{people}");
    let files = manifest["files"].as_array().unwrap();
    assert!(!files.is_empty());
    for file in files {
        let bytes =
            std::fs::read(out.join("files").join(file["upload"].as_str().unwrap())).unwrap();
        assert_eq!(file["bytes"], bytes.len());
    }
    let again = export(&out);
    assert!(String::from_utf8(again.stderr).unwrap().contains("--out"), "it writes over nothing");

    let sql = "select object_key from underpin.upload where tenant_id = $1 and stored_at is not null limit 1";
    let key: String = client.query_one(sql, &[&leaves.uuid()]).await.unwrap().get(0);
    std::fs::write(stage.directory.join(key), "not what the row says").unwrap();
    let out = stage.directory.join("spoiled");
    let refused = export(&out);
    assert!(!refused.status.success() && !out.join("manifest.json").exists());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("SHA-256"));
}

#[tokio::test]
async fn people_of_the_tenant_alone_go_with_it_and_people_of_another_stay() {
    let stage = Stage::new().await;
    let identity = &stage.parts.identity;
    let (gone, _) = stage.tenant("gone", "gina").await;
    let (stays, both) = stage.tenant("stays", "bea").await;
    identity.add_member(gone, both, Role::Member).await.unwrap();
    let former = stage.person("fay").await;
    identity.add_member(gone, former, Role::Member).await.unwrap();
    identity.add_member(stays, former, Role::Member).await.unwrap();
    for name in ["gina", "bea", "fay"] {
        stage.sign_in(name).await.unwrap();
    }
    let purged = identity.purge_tenant("gone").await.unwrap();
    let told: BTreeMap<_, _> = purged.tables.into_iter().collect();
    for table in ["user_account", "user_password", "session"] {
        assert_eq!(told[&format!("underpin.{table}")], 1, "{table}");
    }
    assert_eq!(told["underpin.member"], 3);
    assert!(matches!(stage.sign_in("gina").await, Err(Error::WrongCredentials)));
    for name in ["bea", "fay"] {
        stage.sign_in(name).await.unwrap();
        identity.principal_of("stays", &format!("{name}@example.com")).await.unwrap();
    }
}

#[tokio::test]
async fn only_the_platform_itself_may_purge() {
    let stage = Stage::new().await;
    let (tenant, owner) = stage.tenant("stays", "sam").await;
    let (client, connection) =
        tokio_postgres::connect(&stage.test.app_url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let scope = format!(
        "set underpin.tenant = '{tenant}'; set underpin.subject = '{owner}'; set underpin.role = 'owner';
         set underpin.purge = '{tenant}'; set underpin.purge_people = '{{{owner}}}'"
    );
    client.batch_execute(&scope).await.unwrap();
    for sql in [
        format!("select * from underpin.purge_tenant('{tenant}', '{{}}')"),
        format!("delete from underpin.member where tenant_id = '{tenant}'"),
        "select underpin.purgeable('underpin.member')".to_owned(),
        // Even a role that says that it purges leaves the tenant its last owner.
        format!("update underpin.member set role = 'member' where tenant_id = '{tenant}'"),
    ] {
        let refused = client.batch_execute(&sql).await.unwrap_err();
        let code = refused.code().map(tokio_postgres::error::SqlState::code);
        assert!(matches!(code, Some("42501" | "23514")), "{sql}: {refused:?}");
    }
    assert_eq!(count(&stage.test.superuser().await, tenant).await["underpin.member"], 1);
}

#[tokio::test]
async fn every_table_of_tenants_or_people_can_be_purged_and_by_nobody_else() {
    let test = TestDb::new(&underpin_server::platform().components()).await;
    let client = test.superuser().await;
    let sql = "select c.oid::regclass::text, p.polroles = array[c.relowner],
            pg_get_expr(p.polwithcheck, p.polrelid) = 'false', p.polpermissive and p.polcmd = '*'
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname in ('tenant_id', 'user_id')
        left join pg_policy p on p.polrelid = c.oid and p.polname = 'purge'
        where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace::regnamespace::text !~ '^pg_'";
    for row in client.query(sql, &[]).await.unwrap() {
        let table: String = row.get(0);
        for (column, what) in [(1, "is the owner's"), (2, "writes nothing"), (3, "is whole")] {
            let holds: Option<bool> = row.get(column);
            assert_eq!(holds, Some(true), "the policy `purge` of {table} {what}");
        }
    }
}
