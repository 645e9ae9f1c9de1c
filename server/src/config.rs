//! `underpin config`: every setting, its value and where it came from.

use std::path::PathBuf;

use underpin_runtime::{Settings, settings::Sources};

/// Print the settings that the other commands would use; secrets are hidden.
pub(crate) fn run(file: Option<PathBuf>) -> anyhow::Result<()> {
    let settings = Settings::load(&Sources::of_process(file))?;
    print!("{}", settings.print());
    Ok(())
}
