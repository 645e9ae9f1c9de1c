//! `underpin db init` and `underpin migrate`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
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

/// Say which statements of some files, or of the program's own migrations, would hold up a deployment that serves.
///
/// Errors: if there are any; a file that cannot be read.
pub(crate) fn check(build: Build, files: &[PathBuf]) -> anyhow::Result<()> {
    let mut found = Vec::new();
    for file in files {
        let sql = read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let named = |one| (file.display().to_string(), one);
        found.extend((build.lint)(&sql).into_iter().map(named));
    }
    let own = if files.is_empty() { build.components() } else { Vec::new() };
    for component in own {
        let named = |(version, one)| (format!("{} {version}", component.name), one);
        found.extend(component.lint().into_iter().map(named));
    }
    for (migration, one) in &found {
        println!("{migration}: {one}");
    }
    match found.len() {
        0 => Ok(()),
        n => bail!("{n} statements would hold up a deployment that serves"),
    }
}

fn read(file: &Path) -> io::Result<String> {
    if file == Path::new("-") { io::read_to_string(io::stdin()) } else { fs::read_to_string(file) }
}

fn generate() -> Secret<String> {
    let bytes: [u8; 24] = rand::random();
    Secret::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
}
