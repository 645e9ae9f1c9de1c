//! However many processes migrate at once, each migration is applied once.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::{Output, Stdio},
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{process::Command, time::timeout};
use underpin_base::Secret;
use underpin_db::{
    Component, Db, Passwords, Purpose, Scope, Settings, Urls, bootstrap,
    cluster::{Cluster, ClusterOptions},
    migrate,
};
use uuid::Uuid;

use crate::{
    Check, Error, Outcome, Result, Severity, Stage, Stopped, store::MIGRATIONS, wait::until,
};

/// Processes at the same time.
const RIVALS: usize = 5;
/// Longest that one may take.
const LIMIT: Duration = Duration::from_mins(1);

pub(super) const CHECK: Check = Check {
    id: "migrate.rivals",
    seeds: &["S0.42", "S0.43"],
    severity: Severity::P0,
    promise: "Any number of processes may migrate at once, and any of them may die: each migration is applied once, none fails.",
    input: "five processes of the deployment's program run `migrate` at once on an empty database, on one that lacks the newest \
            migration, and on one whose migrator was killed in the middle; in a private Postgres",
    measure: "exit codes, how often each migration was applied, what the database has afterwards",
    threshold: "five exits 0; each migration once; all of them there",
    fault: "migrate_unlocked",
    run: |stage| Box::pin(run(stage)),
};

/// What a database is like before the rivals come.
#[derive(Debug, Clone, Copy)]
enum Before {
    Empty,
    OneBehind,
    KilledInTheMiddle,
}

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let deployment = stage.deployment()?;
    if !deployment.is_local() {
        return Err(Stopped::skip("runs the deployment's program: only on this machine"));
    }
    // As the deployment itself would: with all that its processes were started with.
    let (_, process) = stage.web()?.swap_remove(0);
    let migrator = Migrator { program: deployment.program()?, environment: process.environment()? };
    let options = ClusterOptions { durable: false, ..ClusterOptions::new(stage.cluster_dir()) };
    let cluster = Cluster::open(options).await.map_err(Error::Cluster)?;
    let admin = cluster.admin_url();
    let mut breaches = Vec::new();
    let (mut all, mut facts) = (Vec::new(), Vec::new());
    for before in [Before::Empty, Before::OneBehind, Before::KilledInTheMiddle] {
        let name = format!("{before:?}").to_lowercase();
        let urls = bootstrap(admin.expose(), &name, &passwords()).await?;
        before.make(stage, &migrator, &urls).await?;
        let had = applied(&urls).await?;
        let rivals = join_all((0..RIVALS).map(|_| migrator.run(&urls))).await;
        let outputs = rivals.into_iter().collect::<Result<Vec<_>, _>>()?;
        let has = applied(&urls).await?;
        // What a killed process had sent, its server may still have committed.
        let by_the_dead = usize::from(matches!(before, Before::KilledInTheMiddle));
        let round = Round { name: &name, outputs: &outputs, had: &had, has: &has, by_the_dead };
        breaches.extend(round.judge());
        if all.is_empty() {
            all.clone_from(&has);
        } else if has != all {
            breaches.push(format!("{name}: {} migrations, not {}", has.len(), all.len()));
        }
        facts.push(format!("{name}: {} of {}", has.len().saturating_sub(had.len()), has.len()));
    }
    cluster.stop().await.map_err(Error::Cluster)?;
    let measured = format!("{} breaches by {RIVALS} processes on 3 databases", breaches.len());
    let applied = format!("applied by them: {}", facts.join(", "));
    Ok(Outcome::of_breaches(breaches, measured).evidence(applied))
}

impl Before {
    /// Make a fresh database what it is to be.
    async fn make(self, stage: &Stage, migrator: &Migrator, urls: &Urls) -> Result<(), Stopped> {
        match self {
            Self::Empty => Ok(()),
            Self::OneBehind => {
                migrate(urls.owner.expose(), &all_but_the_newest(stage.components())?).await?;
                Ok(())
            }
            Self::KilledInTheMiddle => {
                let mut first = migrator.command(urls).spawn().map_err(|e| migrator.failed(e))?;
                let begun = until("a first migration", LIMIT, || async {
                    Ok((!applied(urls).await?.is_empty()).then_some(()))
                });
                begun.await?;
                first.kill().await.map_err(|source| migrator.failed(source))?;
                Ok(())
            }
        }
    }
}

/// The platform as it was one migration ago.
fn all_but_the_newest(components: &[Component]) -> Result<Vec<Component>, Stopped> {
    let mut have = components.to_vec();
    let newest = have.last_mut().and_then(|last| Some((last.migrations.split_last()?.1, last)));
    let Some((older, last)) = newest else {
        return Err(Stopped::inconclusive("no migrations are known to take one away from"));
    };
    last.migrations = older;
    Ok(have)
}

fn passwords() -> Passwords {
    let password = || Secret::new(Uuid::new_v4().simple().to_string());
    Passwords { owner: password(), app: password(), system: password() }
}

/// The deployment's program, as its own processes run it.
struct Migrator {
    program: PathBuf,
    environment: BTreeMap<String, String>,
}

impl Migrator {
    fn command(&self, urls: &Urls) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("migrate").env_clear().envs(&self.environment);
        command.env("UNDERPIN_DATABASE_OWNER_URL", urls.owner.expose());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        command
    }

    async fn run(&self, urls: &Urls) -> Result<Output> {
        match timeout(LIMIT, self.command(urls).output()).await {
            Ok(output) => output.map_err(|source| self.failed(source)),
            Err(_) => Err(Error::Late("the end of a `migrate`".to_owned())),
        }
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::Process { what: format!("run {}", self.program.display()), source }
    }
}

/// What the database has; nothing if it was never migrated.
async fn applied(urls: &Urls) -> Result<Vec<String>> {
    let settings = Settings::new(urls.app.expose().as_str(), urls.system.expose().as_str());
    let db = Db::new(settings)?;
    let rows = db.query(Scope::System(Purpose::Operate), &MIGRATIONS, &[]).await;
    db.close();
    let name =
        |row: &underpin_db::Row| format!("{} {}", row.get::<_, &str>(0), row.get::<_, &str>(1));
    // Before the first migration there is no table to ask.
    Ok(rows.map(|rows| rows.iter().map(name).collect()).unwrap_or_default())
}

/// `component version` of each migration that a process said it applied, and how many said so.
fn printed(outputs: &[Output]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for output in outputs {
        let text = String::from_utf8_lossy(&output.stdout);
        for line in text.lines().filter(|line| line.ends_with(" ms")) {
            let mut words = line.split_ascii_whitespace();
            if let (Some(component), Some(version)) = (words.next(), words.next()) {
                *counts.entry(format!("{component} {version}")).or_default() += 1;
            }
        }
    }
    counts
}

/// What five processes made of one database.
struct Round<'r> {
    name: &'r str,
    outputs: &'r [Output],
    had: &'r [String],
    has: &'r [String],
    by_the_dead: usize,
}

impl Round<'_> {
    fn judge(&self) -> Vec<String> {
        let Self { name, outputs, had, has, by_the_dead } = self;
        let mut breaches = Vec::new();
        for output in outputs.iter().filter(|output| !output.status.success()) {
            let words = String::from_utf8_lossy(&output.stderr);
            let words = words.lines().take(3).collect::<Vec<_>>().join(" ");
            breaches.push(format!("{name}: a process ended with {}: {words}", output.status));
        }
        let printed = printed(outputs);
        for (migration, count) in printed.iter().filter(|(_, count)| **count != 1) {
            breaches.push(format!("{name}: {migration} was applied {count} times"));
        }
        let made = has.iter().filter(|migration| !had.contains(migration)).count();
        let unsaid = made.checked_sub(printed.len());
        if made == 0 || unsaid.is_none_or(|unsaid| unsaid > *by_the_dead) {
            let said = printed.len();
            breaches
                .push(format!("{name}: {said} migrations were said to be applied, {made} are new"));
        }
        breaches
    }
}
