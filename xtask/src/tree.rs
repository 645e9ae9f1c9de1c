//! The files of the checkout.

use std::{fs, path::Path};

/// Folders that hold what was made, not written.
const MADE: [&str; 6] = ["node_modules", "target", "dist", "out", ".git", ".underpin"];

/// Look at every file under a folder, in order.
pub(crate) fn visit(
    folder: &Path,
    look: &mut impl FnMut(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            if !MADE.contains(&&*name.to_string_lossy()) {
                visit(&path, look)?;
            }
        } else {
            look(&path)?;
        }
    }
    Ok(())
}
