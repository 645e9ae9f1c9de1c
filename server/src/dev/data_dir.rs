//! The data directory of `underpin dev`: one process at a time, deleted only if it is ours.

use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use rustix::fs::{FlockOperation, flock};
use underpin_db::cluster::Cluster;

/// The file that marks a directory as ours.
const MARKER: &str = "underpin-dev";
const MARKER_TEXT: &str =
    "This directory belongs to `underpin dev`, which deletes it when it is told to by --fresh.\n";

/// A data directory that nobody else uses while this lives.
#[derive(Debug)]
pub(super) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Make or take over a directory, emptied first if `fresh`.
    ///
    /// Errors: it holds something and no marker of ours; another `underpin dev` uses it.
    pub(super) async fn open(path: &Path, fresh: bool) -> anyhow::Result<Self> {
        make(path)?;
        let path =
            path.canonicalize().with_context(|| format!("cannot find {}", path.display()))?;
        let marker = path.join(MARKER);
        if !marker.exists() {
            refuse_strangers(&path)?;
            std::fs::write(&marker, MARKER_TEXT)?;
        }
        let lock = lock(&path)?;
        let dir = Self { path, _lock: lock };
        if fresh {
            dir.empty().await?;
        }
        for name in ["logs", "files"] {
            private_dir(&dir.path.join(name))?;
        }
        Ok(dir)
    }

    /// Where the private Postgres lies.
    pub(super) fn postgres(&self) -> PathBuf {
        self.path.join("postgres")
    }

    /// Where uploaded files lie.
    pub(super) fn files(&self) -> PathBuf {
        self.path.join("files")
    }

    /// Where the logs lie.
    pub(super) fn logs(&self) -> PathBuf {
        self.path.join("logs")
    }

    /// The log of a process.
    pub(super) fn log(&self, process: &str) -> PathBuf {
        self.logs().join(format!("{process}.log"))
    }

    /// The file with generated keys and passwords.
    pub(super) fn secrets(&self) -> PathBuf {
        self.path.join("secrets.json")
    }

    /// Delete everything but the marker and the lock.
    async fn empty(&self) -> anyhow::Result<()> {
        Cluster::erase(&self.postgres()).await?;
        for name in ["logs", "files"] {
            match std::fs::remove_dir_all(self.path.join(name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        match std::fs::remove_file(self.secrets()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

fn make(path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    // The account that Postgres runs as must get through a directory of root; what is secret inside has mode 0600.
    let mode = if rustix::process::geteuid().is_root() { 0o711 } else { 0o700 };
    let outcome = DirBuilder::new().recursive(true).mode(mode).create(path);
    outcome.with_context(|| format!("cannot make {}; give another --data-dir", path.display()))
}

fn refuse_strangers(path: &Path) -> anyhow::Result<()> {
    if std::fs::read_dir(path)?.next().is_some() {
        bail!(
            "{} holds files and is no data directory of underpin; give an empty or a new one as --data-dir",
            path.display()
        );
    }
    Ok(())
}

fn lock(path: &Path) -> anyhow::Result<File> {
    let file = path.join("lock");
    let open = OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(&file);
    let open = open.with_context(|| format!("cannot open {}", file.display()))?;
    if flock(&open, FlockOperation::NonBlockingLockExclusive).is_err() {
        bail!(
            "another `underpin dev` uses {}; stop it, or give another --data-dir",
            path.display()
        );
    }
    Ok(open)
}

fn private_dir(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Write a file that only its owner may read, whole or not at all.
pub(super) fn write_private(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&part)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(&part, path)
}
