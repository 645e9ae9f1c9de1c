//! A file of lines that is begun anew when it is long, beside a few older ones.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The log file of one process.
pub(super) struct LogFile {
    path: PathBuf,
    /// None after a failure, until the next line.
    file: Option<File>,
    bytes: u64,
    bytes_max: u64,
    files_max: u32,
}

impl LogFile {
    /// Open a file to add to. A disk that is full now may be well later, so that is no error.
    ///
    /// Errors: it cannot be opened; another process writes it.
    pub(super) fn open(path: PathBuf, bytes_max: u64, files_max: u32) -> io::Result<Self> {
        let mut log = Self { path, file: None, bytes: 0, bytes_max, files_max };
        match log.reopen() {
            Err(error) if !is_full(&error) => Err(error),
            _ => Ok(log),
        }
    }

    fn reopen(&mut self) -> io::Result<()> {
        let file = File::options().create(true).append(true).open(&self.path)?;
        let meta = file.metadata()?;
        if meta.is_file() {
            // Two that rename one file would lose each other's lines.
            file.try_lock().map_err(|error| match error {
                std::fs::TryLockError::WouldBlock => {
                    io::Error::new(io::ErrorKind::WouldBlock, "another process writes it")
                }
                std::fs::TryLockError::Error(error) => error,
            })?;
        }
        self.bytes = meta.len();
        self.file = Some(file);
        Ok(())
    }

    /// Let the files each become one older, the oldest go, and begin a new one.
    fn rotate(&mut self) -> io::Result<()> {
        self.file = None;
        for number in (1..self.files_max).rev() {
            let older = aged(&self.path, number);
            match std::fs::rename(aged(&self.path, number - 1), older) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        if self.files_max == 1 {
            std::fs::remove_file(&self.path)?;
        }
        Ok(())
    }
}

/// The file that was begun so many files ago.
fn aged(path: &Path, number: u32) -> PathBuf {
    if number == 0 {
        return path.to_owned();
    }
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    name.into()
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let added = line.len() as u64;
        if self.file.is_none() {
            self.reopen()?;
        }
        if self.bytes > 0 && self.bytes + added > self.bytes_max {
            self.rotate()?;
            self.reopen()?;
        }
        let file = self.file.as_mut().ok_or(io::ErrorKind::NotFound)?;
        match file.write(line) {
            Ok(written) => {
                self.bytes += written as u64;
                Ok(written)
            }
            Err(error) => {
                // A full disk is found again where it is; anything else may want a file of its own.
                if !is_full(&error) {
                    self.file = None;
                }
                Err(error)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let folder =
                std::env::temp_dir().join(format!("underpin-log-{}", uuid::Uuid::now_v7()));
            std::fs::create_dir(&folder).unwrap();
            Self(folder)
        }

        fn log(&self) -> PathBuf {
            self.0.join("log")
        }

        fn texts(&self) -> Vec<(String, String)> {
            let files = std::fs::read_dir(&self.0).unwrap().map(|file| file.unwrap().path());
            let mut texts: Vec<_> = files
                .map(|path| {
                    let name = path.file_name().unwrap().to_string_lossy().into_owned();
                    (name, std::fs::read_to_string(path).unwrap())
                })
                .collect();
            texts.sort();
            texts
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_newest_lines_are_kept_in_files_of_bounded_size_and_number() {
        let folder = Folder::new();
        let mut log = LogFile::open(folder.log(), 12, 3).unwrap();
        for number in 0..10 {
            log.write_all(format!("line{number}\n").as_bytes()).unwrap();
        }
        let texts = folder.texts();
        let expected =
            [("log", "line8\nline9\n"), ("log.1", "line6\nline7\n"), ("log.2", "line4\nline5\n")];
        assert_eq!(texts, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    }

    #[test]
    fn a_process_goes_on_where_the_last_one_ended() {
        let folder = Folder::new();
        for text in ["one\n", "two\n", "six\n"] {
            LogFile::open(folder.log(), 8, 1).unwrap().write_all(text.as_bytes()).unwrap();
        }
        assert_eq!(folder.texts(), [("log".to_owned(), "six\n".to_owned())]);
    }

    #[test]
    fn a_file_has_one_writer_and_a_directory_that_is_missing_is_said() {
        let folder = Folder::new();
        let _first = LogFile::open(folder.log(), 8, 1).unwrap();
        let second = LogFile::open(folder.log(), 8, 1).err().unwrap();
        assert!(second.to_string().contains("another process"), "{second}");
        let nowhere = LogFile::open(folder.0.join("nowhere/log"), 8, 1).err().unwrap();
        assert_eq!(nowhere.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_full_disk_refuses_lines_and_no_start() {
        let mut log = LogFile::open("/dev/full".into(), 8, 3).unwrap();
        for _ in 0..3 {
            let refused = log.write_all(b"a line\n").unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::StorageFull);
        }
    }
}
