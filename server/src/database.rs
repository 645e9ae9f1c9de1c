//! `underpin db init` and `underpin migrate`.

use std::path::PathBuf;

use underpin_base::Secret;
use underpin_db::{Passwords, bootstrap};

use crate::Build;

/// Make roles and database, and print the settings to use.
///
/// Retry: safe; the roles get new passwords each time, so use the last ones printed.
pub(crate) async fn init(admin_url: &str, database: &str) -> anyhow::Result<()> {
    let passwords = Passwords { owner: generate(), app: generate(), system: generate() };
    let urls = bootstrap(admin_url, database, &passwords).await?;
    eprintln!(
        "database {database} and its three roles are there; keep these lines where only underpin can read them:"
    );
    println!("UNDERPIN_DATABASE_OWNER_URL='{}'", urls.owner.expose());
    println!("UNDERPIN_DATABASE_APP_URL='{}'", urls.app.expose());
    println!("UNDERPIN_DATABASE_SYSTEM_URL='{}'", urls.system.expose());
    Ok(())
}

/// Apply what is pending.
pub(crate) async fn migrate(build: Build, config: Option<PathBuf>) -> anyhow::Result<()> {
    let settings = build.load_settings(config)?;
    let url = settings.database.owner_url.get()?.expose().as_str().to_owned();
    let applied = (build.migrate)(Secret::new(url), build.components()).await?;
    for migration in &applied {
        println!(
            "{} {}  {} ms",
            migration.component,
            migration.version,
            migration.took.as_millis()
        );
    }
    println!("{} migrations applied", applied.len());
    Ok(())
}

fn generate() -> Secret<String> {
    let bytes: [u8; 24] = rand::random();
    Secret::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
}
