//! `underpin config`: every setting, its value and where it came from.

use std::path::PathBuf;

use underpin_db::DEDICATED;

use crate::Build;

/// Print the settings that the other commands would use; secrets are hidden.
pub(crate) fn run(build: Build, file: Option<PathBuf>) -> anyhow::Result<()> {
    let settings = build.load_settings(file)?;
    print!("{}", settings.print());
    let database = &settings.database;
    let (app, system) = (database.app_connections_max, database.system_connections_max);
    let sum = u64::from(app) + u64::from(system) + u64::from(DEDICATED);
    println!(
        "# a process opens {sum} connections at most: {app} app + {system} system + {DEDICATED} of its own; \
         all processes leave {} free; `underpin doctor` counts those that live",
        database.connections_reserve
    );
    Ok(())
}
