//! Proofs: which checks went red on their fault, in which build.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{Check, Error, Result};

/// The file that `make prove` writes.
pub const FILE_NAME: &str = "proof.json";

/// What was proven of one build.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Proof {
    /// The commit that was built.
    pub commit: String,
    /// The digest of the program, in hexadecimal.
    pub binary_sha256: String,
    /// What each check said of its fault.
    pub proofs: Vec<Proven>,
}

/// What a check said of a sabotaged deployment.
#[derive(Debug, Clone, Deserialize)]
pub struct Proven {
    /// The check.
    pub check: String,
    /// What was broken.
    pub fault: String,
    /// `fail`, or the check sees nothing.
    pub verdict: String,
}

impl Proof {
    /// Read a proof.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read(path);
        let text = text.map_err(|source| Error::File { path: path.to_owned(), source })?;
        serde_json::from_slice(&text).map_err(|source| Error::Content {
            path: path.to_owned(),
            what: "proof that `make prove` wrote",
            source,
        })
    }

    /// Where a proof of this program lies, if there is one: beside it, one directory above, or in the current directory.
    pub fn find(program: &Path) -> Option<PathBuf> {
        let beside = program.parent();
        let above = beside.and_then(Path::parent);
        let folders = [beside, above, Some(Path::new("."))];
        folders
            .into_iter()
            .flatten()
            .map(|folder| folder.join(FILE_NAME))
            .find(|path| path.is_file())
    }

    /// Whether it is a proof of this very program.
    pub fn is_of(&self, binary_sha256: &str) -> bool {
        !self.binary_sha256.is_empty() && self.binary_sha256.eq_ignore_ascii_case(binary_sha256)
    }

    /// Whether the check went red on its own fault.
    pub fn proves(&self, check: &Check) -> bool {
        let red = |p: &Proven| p.check == check.id && p.fault == check.fault && p.verdict == "fail";
        self.proofs.iter().any(red)
    }
}

/// The digest of a file, in hexadecimal.
pub fn sha256_of(path: &Path) -> Result<String> {
    let failed = |source| Error::File { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(failed)?;
    let (mut digest, mut buffer) = (Sha256::new(), vec![0_u8; 1 << 20]);
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => break,
            bytes => digest.update(&buffer[..bytes]),
        }
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
}
