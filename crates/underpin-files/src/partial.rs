//! What a killed process left half written on a local disk.

use std::{ffi::OsStr, fs::Metadata, io, path::Path};

/// `uploads/<tenant>/<upload>` is two directories deep.
const DEPTH_MAX: u32 = 2;

/// Remove staging files below a directory, last touched before `before` (seconds since 1970); how many.
///
/// A local store writes to `<key>#<number>` and renames at the end; listing does not show such files.
pub(crate) fn remove(directory: &Path, before: i64) -> io::Result<u64> {
    remove_below(directory, before, DEPTH_MAX)
}

fn remove_below(directory: &Path, before: i64, depth: u32) -> io::Result<u64> {
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        other => other?,
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry?;
        let Ok(meta) = entry.metadata() else { continue };
        if meta.is_dir() && depth > 0 {
            removed += remove_below(&entry.path(), before, depth - 1)?;
        } else if meta.is_file() && is_staged(&entry.file_name()) && seconds(&meta) < before {
            std::fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn is_staged(name: &OsStr) -> bool {
    let suffix = name.to_str().and_then(|name| name.rsplit_once('#'));
    suffix
        .is_some_and(|(_, digits)| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn seconds(meta: &Metadata) -> i64 {
    let since = meta.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    since.map_or(i64::MAX, |since| since.as_secs() as i64)
}
