//! What is generated and committed: the OpenAPI document and the console's client types.

use std::{fs, process::Command};

use anyhow::{Context as _, ensure};

/// Write `web/openapi.json` from the server and `web/src/api/schema.d.ts` from it.
pub(crate) fn run() -> anyhow::Result<()> {
    let root = crate::root()?;
    let server = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "underpin-server", "--", "openapi"])
        .current_dir(&root)
        .output()
        .context("run `underpin openapi`")?;
    ensure!(server.status.success(), "{}", String::from_utf8_lossy(&server.stderr));
    fs::write(root.join("web/openapi.json"), &server.stdout).context("write web/openapi.json")?;
    let npm = Command::new("npm")
        .args(["--prefix", "web", "run", "--silent", "gen"])
        .current_dir(&root)
        .status()
        .context("run `npm run gen`")?;
    ensure!(npm.success(), "`npm run gen` failed");
    Ok(())
}
