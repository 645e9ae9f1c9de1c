//! Where the files of a cluster lie.
//!
//! Ordinarily in its directory. Root's directories are often closed to the account that the server runs as
//! (`mktemp -d`, a home); then data and socket lie under `/var/lib/underpin-dev/<hash>`, and the file `place` says so.

use std::{
    fs::Permissions,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{Error, Result, account::Account};

/// Where clusters of root lie whose own directory is closed to the server.
const ELSEWHERE: &str = "/var/lib/underpin-dev";
/// Longest path of a socket directory: an address has 104 bytes on macOS, and `/.s.PGSQL.5432` is a part of it.
const SOCKET_DIR_MAX: usize = 86;

/// Where the files of a cluster lie, and who owns them.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The directory that was asked for; the password lies there.
    pub(super) dir: PathBuf,
    /// Where the server's own files lie: the same, or elsewhere.
    root: PathBuf,
    pub(super) account: Account,
}

impl Place {
    /// The place of a cluster's directory, which exists.
    pub(super) fn find(dir: &Path, account: Account) -> Result<Self> {
        let dir = dir.canonicalize().map_err(|source| Error::io("find", dir, source))?;
        if account.can_reach(&dir) {
            return Ok(Self { root: dir.clone(), dir, account });
        }
        let root = Path::new(ELSEWHERE).join(short_hash(&dir));
        Ok(Self { dir, root, account })
    }

    /// Make the directories of the cluster; what an earlier cluster of that name left elsewhere is deleted.
    pub(super) async fn claim(&self) -> Result<()> {
        if self.root == self.dir {
            return Ok(());
        }
        let (note, text) = (self.dir.join("place"), format!("{}\n", self.root.display()));
        if !std::fs::read_to_string(&note).is_ok_and(|noted| noted == text) {
            // The directory was deleted and made again: nobody can sign in to the data of its predecessor.
            if let Some(mut server) = super::server::running(self)? {
                server.stop().await?;
            }
            self.erase()?;
            std::fs::write(&note, text).map_err(|source| Error::io("write", &note, source))?;
        }
        shared_dir()?;
        make_mode(&self.root, 0o711)
    }

    /// The data directory.
    pub(super) fn data_dir(&self) -> PathBuf {
        self.root.join("data")
    }

    /// The file with the server's messages.
    pub(super) fn log(&self) -> PathBuf {
        self.dir.join("postgres.log")
    }

    /// The file with the password of the superuser.
    pub(super) fn password(&self) -> PathBuf {
        self.dir.join("superuser-password")
    }

    /// The directory of the socket: beside the data, or under the temp directory when that path is too long.
    pub(super) fn socket_dir(&self) -> PathBuf {
        let near = self.root.join("socket");
        if near.as_os_str().len() <= SOCKET_DIR_MAX {
            return near;
        }
        let user = self.account.uid;
        Path::new("/tmp").join(format!("underpin-{user}-{}", short_hash(&self.dir)))
    }

    /// Make the directory of the socket: mode 0700, the server's.
    pub(super) fn make_socket_dir(&self) -> Result<PathBuf> {
        let dir = self.socket_dir();
        if dir.symlink_metadata().is_err() {
            make_mode(&dir, 0o700)?;
            self.account.give(&dir)?;
        }
        owned_by(&dir, self.account.uid)?;
        set_mode(&dir, 0o700)?;
        Ok(dir)
    }

    /// The major version that made the data, if there are any.
    pub(super) fn data_major(&self) -> Result<Option<u32>> {
        let path = self.data_dir().join("PG_VERSION");
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(text.trim().parse().ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", &path, error)),
        }
    }

    /// Delete what lies outside the directory; a server must not run on it.
    pub(super) fn erase(&self) -> Result<()> {
        let mut outside = Vec::new();
        if self.root != self.dir {
            outside.push(self.root.clone());
        }
        let socket = self.socket_dir();
        if !socket.starts_with(&self.root) {
            outside.push(socket);
        }
        for path in outside {
            match std::fs::remove_dir_all(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io("delete", &path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The directory that all users may enter, and root alone may write.
pub(super) fn shared_dir() -> Result<PathBuf> {
    let dir = PathBuf::from(ELSEWHERE);
    make_mode(&dir, 0o755)?;
    owned_by(&dir, 0)?;
    Ok(dir)
}

/// Make the directory of a cluster. It holds a password in a file of mode 0600, and lets the server's account through.
pub(super) fn make_dir(dir: &Path) -> Result<()> {
    let missing = dir.symlink_metadata().is_err();
    if missing {
        if let Some(parent) = dir.parent() {
            std::fs::create_dir_all(parent).map_err(|e| Error::io("make", parent, e))?;
        }
        make_mode(dir, 0o711)?;
    }
    owned_by(dir, rustix::process::geteuid().as_raw())
}

fn make_mode(dir: &Path, mode: u32) -> Result<()> {
    match std::fs::DirBuilder::new().mode(mode).create(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(Error::io("make", dir, error))
        }
        // The umask may have taken bits away.
        Ok(()) => set_mode(dir, mode),
        Err(_) => Ok(()),
    }
}

pub(super) fn set_mode(path: &Path, mode: u32) -> Result<()> {
    std::fs::set_permissions(path, Permissions::from_mode(mode))
        .map_err(|source| Error::io("change the mode of", path, source))
}

/// Refuse what somebody else put there: in a shared directory a name can be taken by anybody.
fn owned_by(dir: &Path, uid: u32) -> Result<()> {
    let metadata = dir.symlink_metadata().map_err(|source| Error::io("find", dir, source))?;
    let reason = if !metadata.is_dir() {
        "is no directory"
    } else if metadata.uid() != uid {
        "belongs to another user"
    } else {
        return Ok(());
    };
    Err(Error::NotOurs { path: dir.to_owned(), reason })
}

fn short_hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
