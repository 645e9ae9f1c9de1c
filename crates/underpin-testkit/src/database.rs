//! One database per test, cloned from a migrated template.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tokio_postgres::{Client, NoTls, error::SqlState};
use underpin_base::Secret;
use underpin_db::{
    Component, Db, Passwords, Settings, StatementTimeouts, bootstrap,
    cluster::{Cluster, ClusterOptions},
    migrate,
};

/// Password of the three roles of every test database; the cluster has no network.
const PASSWORD: &str = "test";
/// How often a clone is tried while the template's last connection is closing.
const CLONE_TRIES: u32 = 2_400;

/// Longest wait for a connection or a statement. Only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long the end of a test waits for its database to go; what stays is dropped when the next template is made.
const DROP_WAIT: Duration = Duration::from_secs(1);

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A migrated database of one test. Dropping it drops the database.
#[derive(Debug)]
pub struct TestDb {
    /// Connected as `app` and `system`.
    pub db: Db,
    /// URL of role `owner`.
    pub owner_url: String,
    /// URL of role `app`.
    pub app_url: String,
    /// URL of role `system`.
    pub system_url: String,
    name: String,
    admin_url: String,
}

impl TestDb {
    /// Make a database with these components.
    ///
    /// Panics: if there is no server or a migration fails; a test cannot go on without.
    pub async fn new(components: &[Component]) -> Self {
        let admin_url = admin_url().await;
        let template = format!("ut_{:016x}", fingerprint(components) ^ week());
        let admin = connect(&admin_url).await;
        make_template(&admin, &admin_url, &template, components).await;
        let name =
            format!("{template}_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        clone(&admin, &template, &name).await;
        let url = |role: &str| with_database(&admin_url, &name, &format!("{template}_{role}"));
        let (owner_url, app_url, system_url) = (url("owner"), url("app"), url("system"));
        let db = Db::new(patient(&app_url, &system_url)).expect("the URLs were made here");
        Self { db, owner_url, app_url, system_url, name, admin_url }
    }

    /// Another pool on the same database, as a second process would have.
    pub fn second_process(&self) -> Db {
        Db::new(patient(&self.app_url, &self.system_url)).expect("the URLs were made here")
    }

    /// Move `underpin.now()` forward: leases end, retries come due.
    pub async fn advance(&self, by: Duration) {
        self.owner()
            .await
            .execute(
                "update underpin.test_clock set ahead = ahead + make_interval(secs => $1)",
                &[&by.as_secs_f64()],
            )
            .await
            .expect("the owner may move the test clock");
    }

    /// Let `underpin.now()` stand still from here on: only [`Self::advance`] moves it, however slow the machine is.
    pub async fn stop_clock(&self) {
        self.owner()
            .await
            .execute(
                "update underpin.test_clock set stands_at = coalesce(stands_at, clock_timestamp())",
                &[],
            )
            .await
            .expect("the owner may stop the test clock");
    }

    /// A connection as the owner. Row level security is forced on it too.
    pub async fn owner(&self) -> Client {
        connect(&self.owner_url).await
    }

    /// The administrator's URL of the server.
    pub fn superuser_url(&self) -> String {
        self.admin_url.clone()
    }

    /// A connection as a superuser to this database: sees all rows, and can end other sessions.
    pub async fn superuser(&self) -> Client {
        connect(&with_name(&self.admin_url, &self.name)).await
    }
}

/// The settings of a process under test: what bounds a wait ends only one that would never end, for a machine that compiles beside its tests
/// is no reason to fail one.
pub fn patient(app_url: &str, system_url: &str) -> Settings {
    Settings {
        app_connections_max: 8,
        acquire_timeout: PATIENCE,
        connect_timeout: PATIENCE,
        lock_timeout: PATIENCE,
        idle_in_transaction_timeout: PATIENCE,
        statement_timeouts: StatementTimeouts {
            web: PATIENCE,
            report: PATIENCE,
            ..StatementTimeouts::default()
        },
        ..Settings::new(app_url, system_url)
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        self.db.close();
        let (admin_url, name) = (self.admin_url.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime
                && let Err(error) = runtime.block_on(underpin_db::drop_database(&admin_url, &name))
            {
                eprintln!("test database {name} stays: {error}");
            }
        });
        // Dropping waits for every session of the server, also for one that this very thread is about to open: so not without end.
        let deadline = std::time::Instant::now() + DROP_WAIT;
        while !dropping.is_finished() && std::time::Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// The administrator's URL of the server that tests use.
async fn admin_url() -> String {
    if let Ok(url) = std::env::var("UNDERPIN_TEST_PG") {
        return url;
    }
    let options = ClusterOptions::for_tests().unwrap_or_else(|error| panic!("{error}"));
    let cluster = Cluster::open(options).await.unwrap_or_else(|error| panic!("{error}"));
    cluster.admin_url().expose().clone()
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .unwrap_or_else(|error| panic!("{error}: {error:?}"));
    tokio::spawn(connection);
    client
}

/// Build the template unless it is there; rivals wait on an advisory lock, and a half-built one is built anew.
async fn make_template(admin: &Client, admin_url: &str, template: &str, components: &[Component]) {
    let key = i64::from_str_radix(&template[3..], 16).unwrap_or_default();
    let done = "select 1 from pg_database where datname = $1 and datistemplate";
    if !admin.query(done, &[&template]).await.expect("catalogue").is_empty() {
        return;
    }
    admin.execute("select pg_advisory_lock($1)", &[&key]).await.expect("lock");
    if admin.query(done, &[&template]).await.expect("catalogue").is_empty() {
        drop_leftovers(admin, admin_url).await;
        underpin_db::drop_database(admin_url, template).await.expect("drop a half-built template");
        let password = || Secret::new(PASSWORD.to_owned());
        let passwords = Passwords { owner: password(), app: password(), system: password() };
        let urls = bootstrap(admin_url, template, &passwords).await.expect("bootstrap");
        migrate(urls.owner.expose(), components).await.expect("migrate");
        movable_clock(urls.owner.expose(), template).await;
        admin
            .batch_execute(&format!("alter database {template} is_template true"))
            .await
            .expect("mark");
    }
    admin.execute("select pg_advisory_unlock($1)", &[&key]).await.expect("unlock");
}

/// Drop the databases of test processes that are gone.
async fn drop_leftovers(admin: &Client, admin_url: &str) {
    let sql =
        r"select datname::text from pg_database where datname ~ '^ut_[0-9a-f]{16}_[0-9]+_[0-9]+$'";
    for row in admin.query(sql, &[]).await.expect("catalogue") {
        let name: String = row.get(0);
        let owner = name.split('_').nth(2).and_then(|pid| pid.parse::<i32>().ok());
        let owner = owner.and_then(rustix::process::Pid::from_raw);
        let lives = owner.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok());
        if !lives && let Err(error) = underpin_db::drop_database(admin_url, &name).await {
            // A rival may be at it too.
            eprintln!("test database {name} stays: {error}");
        }
    }
}

/// The clock of a test: it runs ahead, or stands.
const CLOCK: &str = "create table underpin.test_clock (ahead interval not null, stands_at timestamptz);
    insert into underpin.test_clock values ('0', null);
    grant select on underpin.test_clock to {template}_app, {template}_system;
    create or replace function underpin.now() returns timestamptz language sql volatile parallel safe
        as $$ select coalesce(stands_at, clock_timestamp()) + ahead from underpin.test_clock $$;";

async fn movable_clock(owner_url: &str, template: &str) {
    let sql = CLOCK.replace("{template}", template);
    connect(owner_url).await.batch_execute(&sql).await.expect("the owner replaces the clock");
}

async fn clone(admin: &Client, template: &str, name: &str) {
    for _ in 0..CLONE_TRIES {
        match admin
            .batch_execute(&format!(
                "create database {name} template {template} owner {template}_owner"
            ))
            .await
        {
            Ok(()) => return,
            Err(error) if error.code() == Some(&SqlState::OBJECT_IN_USE) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => panic!("clone {template}: {error:?}"),
        }
    }
    panic!("the template {template} stays in use");
}

fn with_database(admin_url: &str, database: &str, role: &str) -> String {
    let separator = if admin_url.contains('?') { '&' } else { '?' };
    let base = with_name(admin_url, database);
    // The last occurrence of a parameter wins.
    format!("{base}{separator}user={role}&password={PASSWORD}")
}

fn with_name(admin_url: &str, database: &str) -> String {
    let separator = if admin_url.contains('?') { '&' } else { '?' };
    format!("{admin_url}{separator}dbname={database}")
}

/// The number of this week: a template that is older than its partitions reach would refuse events.
fn week() -> u64 {
    const WEEK: u64 = 7 * 24 * 3_600;
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    since.as_secs() / WEEK
}

/// FNV-1a over names and contents: another migration text is another template.
fn fingerprint(components: &[Component]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |text: &str| {
        for byte in text.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for component in std::iter::once(&underpin_db::COMPONENT).chain(components) {
        add(component.name);
        for migration in component.migrations {
            add(migration.version);
            add(migration.sql);
        }
    }
    add(CLOCK);
    hash
}
