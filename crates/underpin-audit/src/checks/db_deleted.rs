//! What is deleted is hidden by the tables themselves, and the tables are what the migrations make.

use std::collections::BTreeSet;

use underpin_base::Secret;
use underpin_db::{
    Db, Passwords, Purpose, Row, Scope, Settings, bootstrap,
    cluster::{Cluster, ClusterOptions},
    migrate,
};
use uuid::Uuid;

use crate::{
    Check, Error, Outcome, Result, Severity, Stage, Stopped,
    store::{MIGRATIONS, ROLE, SCHEMA, SOFT_TABLES},
};

/// Differences that are told.
const TOLD_MAX: usize = 10;

pub(super) const CHECK: Check = Check {
    id: "db.deleted",
    seeds: &["S3.14"],
    severity: Severity::P2,
    promise: "Each table whose rows can be deleted and restored hides them itself and keeps no name for them; every table is as the \
              migrations make it.",
    input: "the catalogue of the deployment's database; beside it that of an empty database which the same migrations made, in a \
            private Postgres",
    measure: "tables with `deleted_at` without a restrictive policy, or without an index of what is there by tenant; unique keys that \
              count deleted rows; lines of the schema that only one of the two has",
    threshold: "none",
    fault: "names_kept_forever",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (principal, db) = (stage.tenants().await?.a.principal(), stage.db()?);
    let rows = db.query(principal, &SOFT_TABLES, &[]).await?;
    let mut breaches: Vec<_> = rows.iter().flat_map(breaches_of).collect();
    if rows.is_empty() {
        return Err(Stopped::inconclusive("no table has deleted_at"));
    }
    let own = Schema::of(&db).await?;
    db.close();
    let drift = if stage.deployment()?.is_local() {
        let made = made_anew(stage, &own.role).await?;
        if made.migrations != own.migrations {
            let what = "the deployment has other migrations than this program: its schema was not compared";
            return Err(Stopped::inconclusive(what));
        }
        let only = |here: &Schema, there: &Schema, what: &str| {
            let lines = here.lines.difference(&there.lines);
            lines.map(|line| format!("{what}: {line}")).collect::<Vec<_>>()
        };
        let mut drift = only(&own, &made, "only the deployment has");
        drift.extend(only(&made, &own, "the deployment lacks"));
        Some(drift)
    } else {
        None
    };
    let told = match &drift {
        Some(drift) => format!("{} of {} lines differ", drift.len(), own.lines.len()),
        None => "its schema was not compared: only on this machine".to_owned(),
    };
    breaches.extend(drift.into_iter().flatten().take(TOLD_MAX));
    let measured = format!("{} breaches in {} tables; {told}", breaches.len(), rows.len());
    Ok(Outcome::of_breaches(breaches, measured))
}

fn breaches_of(row: &Row) -> Vec<String> {
    let table: &str = row.get(0);
    let mut breaches = Vec::new();
    if !row.get::<_, bool>(1) {
        breaches.push(format!("{table}: no restrictive policy hides what is deleted"));
    }
    if !row.get::<_, bool>(2) {
        breaches.push(format!("{table}: no index of what is there that tenant_id leads"));
    }
    let keys: Vec<String> = row.get(3);
    breaches.extend(keys.into_iter().map(|key| format!("{table}: {key} counts what is deleted")));
    breaches
}

/// A database as its catalogue tells it.
struct Schema {
    /// What its roles' names begin with.
    role: String,
    migrations: BTreeSet<(String, String)>,
    lines: BTreeSet<String>,
}

impl Schema {
    async fn of(db: &Db) -> Result<Self> {
        let scope = || Scope::System(Purpose::Operate);
        let role: String = db.query_one(scope(), &ROLE, &[]).await?.get(0);
        let migrations = db.query(scope(), &MIGRATIONS, &[]).await?;
        let lines = db.query(scope(), &SCHEMA, &[]).await?;
        Ok(Self {
            role: role.strip_suffix("_system").unwrap_or(&role).to_owned(),
            migrations: migrations.iter().map(|row| (row.get(0), row.get(1))).collect(),
            lines: lines.iter().map(|row| row.get(0)).collect(),
        })
    }
}

/// What the migrations make of an empty database whose roles have the same names.
async fn made_anew(stage: &Stage, name: &str) -> Result<Schema, Stopped> {
    let options = ClusterOptions { durable: false, ..ClusterOptions::new(stage.cluster_dir()) };
    let cluster = Cluster::open(options).await.map_err(Error::Cluster)?;
    let password = || Secret::new(Uuid::new_v4().simple().to_string());
    let passwords = Passwords { owner: password(), app: password(), system: password() };
    let urls = bootstrap(cluster.admin_url().expose(), name, &passwords).await?;
    migrate(urls.owner.expose(), stage.components()).await?;
    let settings = Settings::new(urls.app.expose().as_str(), urls.system.expose().as_str());
    let db = Db::new(settings)?;
    let made = Schema::of(&db).await;
    db.close();
    cluster.stop().await.map_err(Error::Cluster)?;
    Ok(made?)
}
