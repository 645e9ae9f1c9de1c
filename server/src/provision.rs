//! `underpin tenant` and `underpin user`: what an operator does with tenants and people.

use std::path::PathBuf;

use anyhow::Context as _;
use underpin_base::{Role, Secret};
use underpin_identity::{Identity, NewTenant, NewUser, Provisioned};

use crate::{
    Build, app,
    cli::{PersonRole, TenantCommand, UserCommand},
    export, trail,
};

/// Colours that a tenant may get, so that two tenants rarely look alike.
const ACCENTS: [&str; 8] =
    ["#3257d6", "#1d7a55", "#9a3fb5", "#b8432f", "#0f7490", "#7a5c00", "#5b4bd1", "#a32a6a"];

/// Make a tenant, shut it, open it again, or read its audit trail.
pub(crate) async fn tenant(
    build: Build,
    config: Option<PathBuf>,
    command: TenantCommand,
) -> anyhow::Result<()> {
    let identity = identity(build, config.clone())?;
    match command {
        TenantCommand::Export { slug, out } => {
            export::run(build, config, &identity, &slug, &out).await
        }
        TenantCommand::Create { slug, name, currency } => {
            create(&identity, slug, name, currency).await
        }
        TenantCommand::Suspend { slug } => {
            let was_open = identity.suspend_tenant(&slug).await?;
            println!("tenant {slug} {}", if was_open { "is shut now" } else { "was shut before" });
            Ok(())
        }
        TenantCommand::Resume { slug } => {
            let was_shut = identity.resume_tenant(&slug).await?;
            println!("tenant {slug} {}", if was_shut { "is open again" } else { "was open" });
            Ok(())
        }
        TenantCommand::AuditTrail { slug, verify } => trail::run(&identity, &slug, verify).await,
    }
}

async fn create(
    identity: &Identity,
    slug: String,
    name: String,
    currency: String,
) -> anyhow::Result<()> {
    let currency = currency.parse().context("--currency is no ISO 4217 code such as USD")?;
    let sum: usize = slug.bytes().map(usize::from).sum();
    let accent = ACCENTS[sum % ACCENTS.len()].to_owned();
    let new = NewTenant { slug: slug.clone(), name, accent, currency };
    match identity.create_tenant(new).await? {
        Provisioned::Created(id) => println!("tenant {slug} was made ({id})"),
        Provisioned::Existing(id) => {
            println!("tenant {slug} was there before ({id}) and is unchanged");
        }
    }
    Ok(())
}

/// Make a user, a member, or both.
pub(crate) async fn user(
    build: Build,
    config: Option<PathBuf>,
    command: UserCommand,
) -> anyhow::Result<()> {
    let UserCommand::Create { email, name, tenant, role, password_stdin } = command;
    let identity = identity(build, config)?;
    let place = match (tenant, role) {
        (Some(slug), Some(role)) => {
            let tenant = identity.find_tenant(&slug).await?;
            let tenant = tenant.with_context(|| {
                format!(
                    "there is no tenant {slug}; `underpin tenant create --slug {slug}` makes it"
                )
            })?;
            Some((tenant, Role::from(role)))
        }
        _ => None,
    };
    let given = if password_stdin { Some(read_password()?) } else { None };
    let generated = given.is_none();
    let password = given.unwrap_or_else(generate);
    let new = NewUser { email: email.clone(), name, password: Secret::new(password.clone()) };
    let user = identity.create_user(new).await?;
    match user {
        Provisioned::Created(id) => println!("user {email} was made ({id})"),
        Provisioned::Existing(id) => {
            println!("user {email} was there before ({id}); the password is unchanged");
        }
    }
    if let (Provisioned::Created(_), true) = (user, generated) {
        println!("password {password}");
    }
    if let Some((tenant, role)) = place {
        identity.add_member(tenant.id, user.into_inner(), role).await?;
        println!("user {email} is {role} in tenant {}", tenant.slug);
    }
    Ok(())
}

fn identity(build: Build, config: Option<PathBuf>) -> anyhow::Result<Identity> {
    let settings = build.load_settings(config)?;
    let secret_key = settings.security.secret_key.get()?.expose();
    let db = app::database(&settings)?;
    Ok(Identity::new(db, std::sync::Arc::new(underpin_base::SystemClock), secret_key))
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .context("cannot read the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn generate() -> String {
    let bytes: [u8; 12] = rand::random();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

impl From<PersonRole> for Role {
    fn from(role: PersonRole) -> Self {
        match role {
            PersonRole::Owner => Self::Owner,
            PersonRole::Admin => Self::Admin,
            PersonRole::Member => Self::Member,
            PersonRole::Investor => Self::Investor,
        }
    }
}
