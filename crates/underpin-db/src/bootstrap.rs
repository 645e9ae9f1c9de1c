//! Roles and database, made once by an administrator: `underpin db init`.

use std::fmt::Write as _;

use tokio_postgres::Client;
use underpin_base::Secret;

use crate::{
    Error, Result,
    settings::{self, connect_plain},
};

/// Key of the advisory lock that makes two `db init` wait for each other: "updbinit" in ASCII.
const LOCK_KEY: i64 = 0x7570_6462_696e_6974;
/// Longest database name: role names append `_system`, and an identifier has 63 bytes.
const NAME_MAX: usize = 50;

/// The passwords of the three roles.
#[derive(Debug, Clone)]
pub struct Passwords {
    /// Owns and migrates.
    pub owner: Secret<String>,
    /// Serves requests and jobs.
    pub app: Secret<String>,
    /// Works across tenants on listed tables.
    pub system: Secret<String>,
}

/// The URLs that the three roles connect with.
#[derive(Debug, Clone)]
pub struct Urls {
    /// For `migrate`.
    pub owner: Secret<String>,
    /// For `serve` and `work`.
    pub app: Secret<String>,
    /// For `serve` and `work`.
    pub system: Secret<String>,
}

/// Make the roles `<database>_owner`, `_app`, `_system` and the database, as the administrator of `admin_url`.
///
/// Retry: safe; what exists is kept, passwords are set to the given ones. No role is a superuser or may bypass row level security.
/// Errors: [`Error::Settings`] for a name that is not `[a-z][a-z0-9_]*` of at most 50 bytes.
pub async fn bootstrap(admin_url: &str, database: &str, passwords: &Passwords) -> Result<Urls> {
    check_name(database)?;
    let admin = connect_plain(admin_url).await?;
    run(&admin, &format!("select pg_advisory_lock({LOCK_KEY})")).await?;
    let roles =
        [("owner", &passwords.owner), ("app", &passwords.app), ("system", &passwords.system)];
    for (role, password) in roles {
        make_role(&admin, &format!("{database}_{role}"), password).await?;
    }
    if !exists(&admin, database).await? {
        // Membership lets an administrator without superuser rights give the database away.
        run(&admin, &format!("grant \"{database}_owner\" to current_user")).await?;
        run(&admin, &format!("create database \"{database}\" owner \"{database}_owner\" encoding 'UTF8' template template0")).await?;
    }
    run(&admin, &format!("revoke all on database \"{database}\" from public")).await?;
    run(
        &admin,
        &format!(
            "grant connect on database \"{database}\" to \"{database}_app\", \"{database}_system\""
        ),
    )
    .await?;
    run(&admin, &format!("select pg_advisory_unlock({LOCK_KEY})")).await?;
    let url = |role: &str, password: &Secret<String>| {
        role_url(admin_url, database, &format!("{database}_{role}"), password)
    };
    Ok(Urls {
        owner: url("owner", &passwords.owner)?,
        app: url("app", &passwords.app)?,
        system: url("system", &passwords.system)?,
    })
}

/// Whether the administrator's server has a database of this name.
pub async fn database_exists(admin_url: &str, database: &str) -> Result<bool> {
    exists(&connect_plain(admin_url).await?, database).await
}

/// Drop a database and end its connections; its roles stay. For test databases and `dev --fresh`.
pub async fn drop_database(admin_url: &str, database: &str) -> Result<()> {
    check_name(database)?;
    let admin = connect_plain(admin_url).await?;
    run(&admin, &format!("drop database if exists \"{database}\" with (force)")).await
}

fn check_name(name: &str) -> Result<()> {
    let mut bytes = name.bytes();
    let good = bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && name.len() <= NAME_MAX;
    if good {
        Ok(())
    } else {
        Err(Error::Settings(format!(
            "database name {name:?}: use a-z, 0-9 and _, a letter first, at most {NAME_MAX}"
        )))
    }
}

async fn run(client: &Client, sql: &str) -> Result<()> {
    client.batch_execute(sql).await.map_err(|error| Error::from_postgres("db.init", error))
}

async fn exists(client: &Client, database: &str) -> Result<bool> {
    let rows = client
        .query("select 1 from pg_database where datname = $1", &[&database])
        .await
        .map_err(|error| Error::from_postgres("db.exists", error))?;
    Ok(!rows.is_empty())
}

async fn make_role(client: &Client, role: &str, password: &Secret<String>) -> Result<()> {
    let known = client
        .query("select 1 from pg_roles where rolname = $1", &[&role])
        .await
        .map_err(|error| Error::from_postgres("db.role_exists", error))?;
    let verb = if known.is_empty() { "create" } else { "alter" };
    let password = password.expose().replace('\'', "''");
    run(client, &format!("{verb} role \"{role}\" with login password '{password}'")).await
}

/// The administrator's URL with another database, user and password.
fn role_url(
    admin_url: &str,
    database: &str,
    role: &str,
    password: &Secret<String>,
) -> Result<Secret<String>> {
    let config = settings::parse(admin_url)?;
    let mut hosts = Vec::new();
    for host in config.get_hosts() {
        hosts.push(match host {
            tokio_postgres::config::Host::Tcp(name) => name.clone(),
            tokio_postgres::config::Host::Unix(path) => path.display().to_string(),
        });
    }
    let ports: Vec<String> = config.get_ports().iter().map(ToString::to_string).collect();
    let ssl = match config.get_ssl_mode() {
        tokio_postgres::config::SslMode::Disable => "&sslmode=disable",
        tokio_postgres::config::SslMode::Require => "&sslmode=require",
        _ => "",
    };
    let port = if ports.is_empty() { String::new() } else { format!("&port={}", ports.join(",")) };
    Ok(Secret::new(format!(
        "postgresql:///{database}?user={}&password={}&host={}{port}{ssl}",
        percent(role),
        percent(password.expose()),
        percent(&hosts.join(",")),
    )))
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_url_survives_sockets_and_odd_passwords() {
        let url = role_url(
            "postgresql:///postgres?host=/tmp/a b&user=root&port=5433",
            "shop",
            "shop_app",
            &Secret::new("p&=/ä".to_owned()),
        );
        let config: tokio_postgres::Config = url.unwrap().expose().parse().unwrap();
        assert_eq!(config.get_dbname(), Some("shop"));
        assert_eq!(config.get_user(), Some("shop_app"));
        assert_eq!(config.get_password(), Some("p&=/ä".as_bytes()));
        assert_eq!(config.get_ports(), [5433]);
        assert_eq!(config.get_hosts(), [tokio_postgres::config::Host::Unix("/tmp/a b".into())]);
    }

    #[test]
    fn a_name_that_could_leave_its_quotes_is_refused() {
        for name in ["", "A", "1a", "a-b", "a\"b", &"a".repeat(51)] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name("underpin_2").is_ok());
    }
}
