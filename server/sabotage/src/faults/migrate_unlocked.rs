//! Whoever finds a migration missing applies it, whoever else is at it.

use std::time::Instant;

use anyhow::Context as _;
use underpin_base::Secret;
use underpin_db::{Applied, Client, Component};
use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "migrate_unlocked",
    what: "each process applies what it finds missing, without asking whether another is at it",
    put_into: |build| Build {
        migrate: |owner_url, components| Box::pin(migrate(owner_url, components)),
        ..build
    },
};

const TABLE: &str = "
    create schema if not exists underpin;
    create table if not exists underpin.migration (
        component text not null, version text not null, sha256 bytea not null,
        applied_at timestamptz not null default clock_timestamp(), primary key (component, version))";

async fn migrate(
    owner_url: Secret<String>,
    components: Vec<Component>,
) -> anyhow::Result<Vec<Applied>> {
    let client = database::connect(&owner_url).await?;
    client.batch_execute(TABLE).await?;
    let user: String = client.query_one("select current_user::text", &[]).await?.get(0);
    let prefix = user.strip_suffix("_owner").context("migrate as the owner")?;
    let mut applied = Vec::new();
    for component in components {
        for migration in component.migrations {
            let known = "select 1 from underpin.migration where component = $1 and version = $2";
            let names: [&(dyn underpin_db::ToSql + Sync); 2] =
                [&component.name, &migration.version];
            if !client.query(known, &names).await?.is_empty() {
                continue;
            }
            let started = Instant::now();
            apply(&client, prefix, component.name, migration).await?;
            let (component, version) = (component.name, migration.version);
            applied.push(Applied { component, version, took: started.elapsed() });
        }
    }
    Ok(applied)
}

async fn apply(
    client: &Client,
    prefix: &str,
    component: &'static str,
    migration: &underpin_db::Migration,
) -> anyhow::Result<()> {
    let role = |sql: String, role: &str| {
        sql.replace(&format!("{{{role}}}"), &format!("\"{prefix}_{role}\""))
    };
    let sql = ["owner", "app", "system"].into_iter().fold(migration.sql.to_owned(), role);
    if sql.contains("concurrently") {
        // A comment may have a semicolon.
        let bare: Vec<_> =
            sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
        let bare = bare.join("\n");
        for statement in bare.split(';').filter(|statement| statement.contains("concurrently")) {
            client.batch_execute(statement).await?;
        }
    } else {
        client.batch_execute(&format!("begin; {sql}\n; commit")).await?;
    }
    let note = "insert into underpin.migration (component, version, sha256) values ($1, $2, sha256(convert_to($3, 'UTF8')))";
    client.execute(note, &[&component, &migration.version, &migration.sql]).await?;
    Ok(())
}
