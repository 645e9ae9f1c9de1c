//! Who runs the server: we ourselves, or somebody else when we are root.

use std::{os::unix::fs::MetadataExt as _, path::Path};

use tokio::process::Command;

use super::{Error, Result};

/// The account that owns the data and runs the server's programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Whether it is another than ours: we are root and Postgres refuses root.
    pub(super) dropped: bool,
}

impl Account {
    /// Ours, or `postgres` or else `nobody` for root.
    pub(super) fn for_server() -> Result<Self> {
        let (uid, gid) = (rustix::process::geteuid(), rustix::process::getegid());
        if !uid.is_root() {
            return Ok(Self { uid: uid.as_raw(), gid: gid.as_raw(), dropped: false });
        }
        let path = Path::new("/etc/passwd");
        let users = std::fs::read_to_string(path).map_err(|e| Error::io("read", path, e))?;
        let found = ["postgres", "nobody"].iter().find_map(|name| find_user(&users, name));
        let (uid, gid) = found.ok_or(Error::NoAccount)?;
        Ok(Self { uid, gid, dropped: true })
    }

    /// Make a command run as this account.
    pub(super) fn apply(self, command: &mut Command) {
        if self.dropped {
            // As root, this clears the supplementary groups, too.
            command.uid(self.uid).gid(self.gid);
        }
    }

    /// Give a file or directory to this account.
    pub(super) fn give(self, path: &Path) -> Result<()> {
        if !self.dropped {
            return Ok(());
        }
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
            .map_err(|source| Error::io("give away", path, source))
    }

    /// Whether this account can get to what lies under a directory: every directory on the way lets it through.
    pub(super) fn can_reach(self, dir: &Path) -> bool {
        let passes = |dir: &Path| {
            let Ok(metadata) = std::fs::metadata(dir) else { return false };
            let mode = metadata.mode();
            if metadata.uid() == self.uid {
                mode & 0o100 != 0
            } else if metadata.gid() == self.gid {
                mode & 0o010 != 0
            } else {
                mode & 0o001 != 0
            }
        };
        !self.dropped || dir.ancestors().filter(|dir| !dir.as_os_str().is_empty()).all(passes)
    }
}

/// User and group of a line `name:x:uid:gid:...`.
fn find_user(users: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = users
        .lines()
        .map(|line| line.split(':'))
        .find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?;
    let uid = fields.nth(1)?.parse().ok()?;
    Some((uid, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::find_user;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\npostgres2:x:9:9::/:\npostgres:x:101:104::/:\n";
        assert_eq!(find_user(users, "postgres"), Some((101, 104)));
        assert_eq!(find_user(users, "nobody"), None);
    }
}
