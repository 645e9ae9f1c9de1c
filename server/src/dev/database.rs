//! Roles, tables and demo data of `underpin dev`.

use std::time::Duration;

use anyhow::Context as _;
use underpin::Parts;
use underpin_base::{Currency, Secret, TenantId};
use underpin_db::{Db, Passwords, Settings, Urls, bootstrap, cluster::Cluster};
use underpin_files::{Bounds, Files};
use underpin_identity::{Identity, NewTenant, NewUser, Provisioned};

use super::{
    demo::{DemoPerson, DemoTenant, TENANTS},
    secrets::Secrets,
    steps::Steps,
};
use crate::{Build, app};

/// The name of the database.
const DATABASE: &str = "underpin";
/// How long the demo book may take to be imported.
const SEED_MAX: Duration = Duration::from_mins(10);

/// Make the database what this version of the program needs, and end what a predecessor left running.
pub(super) async fn prepare(
    build: Build,
    steps: &Steps,
    cluster: &Cluster,
    secrets: &Secrets,
    files: Files,
) -> anyhow::Result<(Urls, Parts)> {
    let make = async {
        let admin_url = cluster.admin_url();
        let urls = bootstrap(admin_url.expose(), DATABASE, &passwords(secrets)).await?;
        let applied = (build.migrate)(urls.owner.clone(), build.components()).await?;
        // The last occurrence of a parameter wins.
        (build.prepare)(Secret::new(format!("{}&dbname={DATABASE}", admin_url.expose()))).await?;
        Ok((urls, applied.len()))
    };
    let say = |(_, applied): &(Urls, usize)| match applied {
        0 => "up to date".to_owned(),
        n => format!("{n} migrations applied"),
    };
    let (urls, _) = steps.run("database", make, say).await?;
    let mut settings = Settings::new(urls.app.expose().as_str(), urls.system.expose().as_str());
    (settings.app_connections_max, settings.system_connections_max) = (2, 2);
    let db = Db::new(settings)?;
    underpin_jobs::expire_all_leases(&db).await?;
    let parts = app::parts(db, secrets.secret_key.as_bytes(), files, Bounds::default());
    let people = async {
        for tenant in &TENANTS {
            make_tenant(&parts.identity, tenant, secrets).await?;
        }
        Ok(())
    };
    steps.run("accounts", people, |()| format!("{} demo tenants", TENANTS.len())).await?;
    Ok((urls, parts))
}

fn passwords(secrets: &Secrets) -> Passwords {
    Passwords {
        owner: Secret::new(secrets.owner_password.clone()),
        app: Secret::new(secrets.app_password.clone()),
        system: Secret::new(secrets.system_password.clone()),
    }
}

async fn make_tenant(
    identity: &Identity,
    tenant: &DemoTenant,
    secrets: &Secrets,
) -> anyhow::Result<()> {
    let currency: Currency = "USD".parse()?;
    let new = NewTenant {
        slug: tenant.slug.to_owned(),
        name: tenant.name.to_owned(),
        accent: tenant.accent.to_owned(),
        currency,
    };
    let id = identity.create_tenant(new).await?;
    for person in tenant.people {
        make_person(identity, id, person, secrets).await?;
    }
    Ok(())
}

async fn make_person(
    identity: &Identity,
    tenant: Provisioned<TenantId>,
    person: &DemoPerson,
    secrets: &Secrets,
) -> anyhow::Result<()> {
    let password = secrets.demo_passwords.get(person.email).context("every person has one")?;
    let password = Secret::new(password.clone());
    let new = NewUser {
        email: person.email.to_owned(),
        name: person.name.to_owned(),
        password: password.clone(),
    };
    let user = identity.create_user(new).await?;
    if let (Provisioned::Existing(user), true) = (user, secrets.made_now) {
        // The file with the passwords was deleted and the database was not.
        identity.set_password(user, password).await?;
    }
    if matches!((tenant, user), (Provisioned::Existing(_), Provisioned::Existing(_))) {
        // What somebody changed in the console stays changed.
        return Ok(());
    }
    Ok(identity.add_member(tenant.into_inner(), user.into_inner(), person.role).await?)
}

/// Let every module make its demo data in the first tenant; a worker must run.
pub(super) async fn seed(build: Build, parts: &Parts) -> anyhow::Result<()> {
    for tenant in TENANTS.iter().filter(|tenant| tenant.book) {
        let Some(owner) = tenant.people.first() else { continue };
        let owner = parts.identity.principal_of(tenant.slug, owner.email).await?;
        let platform = (build.platform)();
        let seed = tokio::time::timeout(SEED_MAX, platform.seed(parts, owner)).await;
        let seed = seed.context("the demo data took too long")?;
        seed.map_err(|error| anyhow::anyhow!(error)).context("the demo data cannot be made")?;
    }
    Ok(())
}
