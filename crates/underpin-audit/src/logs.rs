//! The logs of a deployment on this machine.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use crate::{Error, Result};

/// Most of one log that is read, from its end.
const LOG_BYTES_MAX: u64 = 64 << 20;

/// Every log of a deployment.
pub(crate) struct Logs(Vec<PathBuf>);

impl Logs {
    /// The files of a directory, and the log of a private Postgres beside it.
    pub(crate) fn open(directory: &Path) -> Result<Self> {
        let failed = |source| Error::File { path: directory.to_owned(), source };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(failed)? {
            files.push(entry.map_err(failed)?.path());
        }
        files.push(directory.join("../postgres/postgres.log"));
        files.retain(|path| path.is_file());
        Ok(Self(files))
    }

    /// Their texts by name, those of before the check too: this audit's own tokens were used then.
    pub(crate) fn read(&self) -> Result<Vec<(String, String)>> {
        let read = self.0.iter().map(|path| {
            let text = end_of(path).map_err(|source| Error::File { path: path.clone(), source })?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Ok((name, text))
        });
        read.collect()
    }

    /// The lines that hold all of these texts.
    pub(crate) fn lines_with(&self, texts: &[&str]) -> Result<Vec<String>> {
        let logs = self.read()?;
        let lines = logs.iter().flat_map(|(_, text)| text.lines());
        let found = lines.filter(|line| texts.iter().all(|text| line.contains(text)));
        Ok(found.map(str::to_owned).collect())
    }
}

fn end_of(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_BYTES_MAX)))?;
    let mut bytes = Vec::new();
    file.take(LOG_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
