//! Project chores with logic in them: `cargo xtask tidy`, `cargo xtask gen`, `cargo xtask catalogue`.

mod catalogue;
mod generate;
mod tidy;
mod tree;

use std::process::ExitCode;

fn main() -> ExitCode {
    let task = std::env::args().nth(1);
    let result = match task.as_deref() {
        Some("tidy") => tidy::run(),
        Some("gen") => generate::run(),
        Some("catalogue") => catalogue::run(),
        _ => Err(anyhow::anyhow!("usage: cargo xtask tidy | gen | catalogue")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the checkout.
fn root() -> anyhow::Result<std::path::PathBuf> {
    let manifest = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(manifest.parent().ok_or_else(|| anyhow::anyhow!("xtask has no parent folder"))?.to_owned())
}
