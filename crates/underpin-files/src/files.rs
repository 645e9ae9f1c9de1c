//! Objects by key, whatever store they lie in.

use std::{
    fs::File,
    io::{self, Read, Seek as _, SeekFrom},
    path::Path as FsPath,
    sync::Arc,
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use object_store::{
    GetOptions, GetRange, GetResultPayload, MultipartUpload, ObjectStore, ObjectStoreExt as _,
    local::LocalFileSystem, path::Path,
};
use tokio::runtime::Handle;

use crate::{Error, Result, error::storage};

/// Bytes gathered before they are handed to the store. The memory of one upload is two of these.
const PART_BYTES: usize = 1 << 20;

/// The object storage of a deployment. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    part_bytes: usize,
    /// Of a local store: where its files lie.
    directory: Option<Arc<FsPath>>,
}

impl Files {
    /// Objects as files below `directory`, which is made if it is missing.
    ///
    /// Keeps: what is said to be stored was flushed to the disk, file and directories, so it survives a loss of power.
    pub fn local(directory: &FsPath) -> Result<Self> {
        let made = std::fs::create_dir_all(directory).map_err(|source| Error::Storage {
            operation: "make its directory",
            source: object_store::Error::Generic { store: "local", source: Box::new(source) },
        });
        made?;
        let store = LocalFileSystem::new_with_prefix(directory).map_err(storage("open"))?;
        let store = Arc::new(store.with_fsync(true));
        Ok(Self { store, part_bytes: PART_BYTES, directory: Some(directory.into()) })
    }

    pub(crate) const fn part_bytes(&self) -> usize {
        self.part_bytes
    }

    pub(crate) async fn begin(&self, key: &str) -> Result<Box<dyn MultipartUpload>> {
        self.store.put_multipart(&Path::from(key)).await.map_err(storage("begin an object"))
    }

    /// The object from byte `offset` on, to be read on a thread that may block.
    ///
    /// Errors: [`Error::Missing`] if there is no such object.
    pub async fn reader(&self, key: &str, offset: u64) -> Result<Reader> {
        if self.size(key).await? <= offset {
            return Ok(Reader(Inner::Done));
        }
        let options = GetOptions { range: range_from(offset), ..GetOptions::default() };
        let got = self.store.get_opts(&Path::from(key), options).await;
        let got = got.map_err(storage("open an object"))?;
        let start = got.range.start;
        Ok(Reader(match got.payload {
            GetResultPayload::File(file, _) => Inner::File { file, seek: Some(start) },
            GetResultPayload::Stream(stream) => {
                Inner::Stream { stream, handle: Handle::current(), rest: Bytes::new() }
            }
        }))
    }

    /// The size of an object in bytes.
    ///
    /// Errors: [`Error::Missing`] if there is no such object.
    pub async fn size(&self, key: &str) -> Result<u64> {
        let meta = self.store.head(&Path::from(key)).await.map_err(storage("look at an object"))?;
        Ok(meta.size)
    }

    /// Delete an object; one that is not there counts as deleted.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.store.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(Error::Storage { operation: "delete an object", source }),
        }
    }

    /// Remove what a killed process left half written below `prefix`, last touched before `before` (seconds since 1970).
    ///
    /// A local store writes to `<key>#<number>` and renames at the end; listing does not show such files. An S3 bucket has a
    /// lifecycle rule for the same purpose.
    pub(crate) async fn remove_partial(&self, prefix: &str, before: i64) -> Result<u64> {
        let Some(directory) = &self.directory else { return Ok(0) };
        let root = directory.join(prefix);
        let walked = tokio::task::spawn_blocking(move || remove_staged(&root, before, DEPTH_MAX));
        let walked = walked.await.map_err(io::Error::other).flatten();
        walked.map_err(|source| Error::Storage {
            operation: "remove partial objects",
            source: object_store::Error::Generic { store: "local", source: Box::new(source) },
        })
    }

    /// Keys below `prefix` and the seconds since 1970 at which each was last written.
    pub(crate) fn list(&self, prefix: &str) -> BoxStream<'static, Result<(String, i64)>> {
        let found = self.store.list(Some(&Path::from(prefix)));
        found
            .map(|meta| {
                let meta = meta.map_err(storage("list objects"))?;
                Ok((meta.location.to_string(), meta.last_modified.timestamp()))
            })
            .boxed()
    }
}

/// `uploads/<tenant>/<upload>` is two directories deep.
const DEPTH_MAX: u32 = 2;

fn remove_staged(directory: &FsPath, before: i64, depth: u32) -> io::Result<u64> {
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        other => other?,
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry?;
        let Ok(meta) = entry.metadata() else { continue };
        if meta.is_dir() && depth > 0 {
            removed += remove_staged(&entry.path(), before, depth - 1)?;
        } else if meta.is_file() && is_staged(&entry.file_name()) && seconds(&meta) < before {
            std::fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn is_staged(name: &std::ffi::OsStr) -> bool {
    let suffix = name.to_str().and_then(|name| name.rsplit_once('#'));
    suffix
        .is_some_and(|(_, digits)| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn seconds(meta: &std::fs::Metadata) -> i64 {
    let since = meta.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    since.map_or(i64::MAX, |since| since.as_secs() as i64)
}

fn range_from(offset: u64) -> Option<GetRange> {
    (offset > 0).then_some(GetRange::Offset(offset))
}

/// An object's bytes for a thread that may block (`spawn_blocking`), never for an async task.
#[derive(Debug)]
pub struct Reader(Inner);

enum Inner {
    File { file: File, seek: Option<u64> },
    Stream { stream: BoxStream<'static, object_store::Result<Bytes>>, handle: Handle, rest: Bytes },
    Done,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::File { .. } => "File",
            Self::Stream { .. } => "Stream",
            Self::Done => "Done",
        })
    }
}

impl Read for Reader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Inner::Done => Ok(0),
            Inner::File { file, seek } => {
                if let Some(start) = seek.take() {
                    file.seek(SeekFrom::Start(start))?;
                }
                file.read(out)
            }
            Inner::Stream { stream, handle, rest } => {
                while rest.is_empty() {
                    match handle.block_on(stream.next()) {
                        Some(piece) => *rest = piece.map_err(io::Error::other)?,
                        None => return Ok(0),
                    }
                }
                let count = rest.len().min(out.len());
                out[..count].copy_from_slice(&rest.split_to(count));
                Ok(count)
            }
        }
    }
}
