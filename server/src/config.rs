//! `underpin config`: every setting, its value and where it came from.

use std::path::PathBuf;

use crate::Build;

/// Print the settings that the other commands would use; secrets are hidden.
pub(crate) fn run(build: Build, file: Option<PathBuf>) -> anyhow::Result<()> {
    let settings = build.load_settings(file)?;
    print!("{}", settings.print());
    Ok(())
}
