//! Objects by key, whatever store they lie in.

use std::{io, path::Path as FsPath, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use object_store::{
    GetOptions, GetRange, GetResult, GetResultPayload, ObjectStore, ObjectStoreExt as _,
    local::LocalFileSystem, path::Path,
};
use tokio_util::io::ReaderStream;
use underpin_base::System;
use underpin_db::watch;

use crate::{
    Error, PutUrl, Reader, Result, S3Settings, error::storage, object::Object, partial, s3::Bucket,
};

/// Bytes gathered before they are handed to a local store.
const LOCAL_PART_BYTES: u64 = 1 << 20;
/// Bytes read of a local file at once.
const READ_BYTES: usize = 64 << 10;
/// Longest that a question about an object may take.
const ASK_MAX: Duration = Duration::from_secs(5);
/// Longest that a copy within the store may take.
const COPY_MAX: Duration = Duration::from_mins(2);

/// The object storage of a deployment. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    /// Where the files lie.
    Local(Arc<FsPath>),
    S3(Arc<Bucket>),
}

impl Files {
    /// Objects as files below `directory`, which is made if it is missing.
    ///
    /// Keeps: what is said to be stored was flushed to the disk, file and directories, so it survives a loss of power.
    pub fn local(directory: &FsPath) -> Result<Self> {
        let made = std::fs::create_dir_all(directory).and_then(|()| directory.canonicalize());
        let directory = made.map_err(local("make its directory"))?;
        let store = LocalFileSystem::new_with_prefix(&directory).map_err(storage("open"))?;
        let store = Arc::new(store.with_fsync(true));
        Ok(Self { store, place: Place::Local(directory.into()) })
    }

    /// Objects in a bucket. Nothing is asked of it yet.
    pub fn s3(settings: &S3Settings) -> Result<Self> {
        let bucket = Arc::new(Bucket::open(settings)?);
        Ok(Self { store: Arc::new(bucket.store.clone()), place: Place::S3(bucket) })
    }

    /// Where objects lie, in words without secrets; the same for every process of a deployment.
    pub fn place(&self) -> String {
        match &self.place {
            Place::Local(directory) => format!("directory {}", directory.display()),
            Place::S3(bucket) => bucket.name().to_owned(),
        }
    }

    /// Whether only processes of one host see the objects.
    pub const fn is_local(&self) -> bool {
        matches!(self.place, Place::Local(_))
    }

    /// Bytes that a body of at most `bytes_max` is gathered to before they are handed on.
    pub(crate) const fn part_bytes(&self, bytes_max: u64) -> u64 {
        match self.place {
            Place::Local(_) => LOCAL_PART_BYTES,
            Place::S3(_) => Bucket::part_bytes(bytes_max),
        }
    }

    pub(crate) async fn begin(&self, key: &str) -> Result<Object> {
        match &self.place {
            Place::Local(_) => {
                let begun = self.store.put_multipart(&Path::from(key)).await;
                begun.map(Object::Local).map_err(storage("begin an object"))
            }
            Place::S3(bucket) => Arc::clone(bucket).begin(key).await.map(Object::S3),
        }
    }

    /// Remove an object that was begun, by whatever process, complete or not.
    pub(crate) async fn forget(&self, key: &str, multipart_id: Option<&str>) -> Result<()> {
        match (&self.place, multipart_id) {
            (Place::S3(bucket), Some(id)) => match self.size(key).await {
                // Complete, it has no parts any more, and a service may be cross about the question.
                Ok(_) => self.delete(key).await,
                Err(Error::Missing { .. }) => bucket.abort(key, id).await,
                Err(other) => Err(other),
            },
            // Staging files are found by their age.
            _ => self.delete(key).await,
        }
    }

    /// A URL to which a client sends one file of this digest past the server, good for at most an hour.
    ///
    /// Keeps: digest and media type are part of the signature.
    /// Errors: [`Error::DirectOnly`] where files lie in a directory.
    pub async fn presign_put(
        &self,
        key: &str,
        sha256: &[u8; 32],
        media_type: &str,
        lasts: Duration,
    ) -> Result<PutUrl> {
        let Place::S3(bucket) = &self.place else { return Err(Error::DirectOnly) };
        bucket.presign_put(key, sha256, media_type, lasts).await
    }

    /// A URL from which a client loads an object as an attachment of this name, good for at most an hour.
    ///
    /// Errors: [`Error::DirectOnly`] where files lie in a directory.
    pub async fn presign_get(&self, key: &str, filename: &str, lasts: Duration) -> Result<String> {
        let Place::S3(bucket) = &self.place else { return Err(Error::DirectOnly) };
        bucket.presign_get(key, filename, lasts).await
    }

    /// The object from byte `offset` on, to be read on a thread that may block.
    ///
    /// Errors: [`Error::Missing`] if there is no such object.
    pub async fn reader(&self, key: &str, offset: u64) -> Result<Reader> {
        if self.size(key).await? <= offset {
            return Ok(Reader::done());
        }
        let got = self.get(key, offset).await?;
        Ok(match got.payload {
            GetResultPayload::File(file, _) => Reader::file(file, got.range.start),
            GetResultPayload::Stream(stream) => Reader::stream(stream),
        })
    }

    /// The whole object, piece by piece.
    ///
    /// Errors: [`Error::Missing`] if there is no such object.
    pub async fn stream(&self, key: &str) -> Result<BoxStream<'static, io::Result<Bytes>>> {
        Ok(match self.get(key, 0).await?.payload {
            GetResultPayload::File(file, _) => {
                let file = tokio::fs::File::from_std(file);
                ReaderStream::with_capacity(file, READ_BYTES).boxed()
            }
            GetResultPayload::Stream(stream) => {
                stream.map(|piece| piece.map_err(io::Error::other)).boxed()
            }
        })
    }

    async fn get(&self, key: &str, offset: u64) -> Result<GetResult> {
        let range = (offset > 0).then_some(GetRange::Offset(offset));
        let options = GetOptions { range, ..GetOptions::default() };
        bounded("open an object", ASK_MAX, self.store.get_opts(&Path::from(key), options)).await
    }

    /// The size of an object in bytes.
    ///
    /// Errors: [`Error::Missing`] if there is no such object.
    pub async fn size(&self, key: &str) -> Result<u64> {
        let meta = bounded("look at an object", ASK_MAX, self.store.head(&Path::from(key))).await?;
        Ok(meta.size)
    }

    /// Copy an object within the store, as it is at this moment.
    pub(crate) async fn copy(&self, from: &str, to: &str) -> Result<()> {
        let (from, to) = (Path::from(from), Path::from(to));
        bounded("copy an object", COPY_MAX, self.store.copy(&from, &to)).await
    }

    /// Delete an object; one that is not there counts as deleted.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match bounded("delete an object", ASK_MAX, self.store.delete(&Path::from(key))).await {
            Err(Error::Missing { .. }) => Ok(()),
            other => other,
        }
    }

    /// Write a small object, read it back and delete it: whether the storage does what it is there for.
    pub async fn probe(&self) -> Result<()> {
        let key = Path::from(format!("probe/{}", uuid::Uuid::now_v7()));
        let text = Bytes::from_static(b"underpin");
        bounded("write an object", ASK_MAX, self.store.put(&key, text.clone().into())).await?;
        let read = async { self.store.get(&key).await?.bytes().await };
        let read = bounded("read an object", ASK_MAX, read).await;
        self.delete(key.as_ref()).await?;
        if read? == text {
            return Ok(());
        }
        let source = io::Error::other("other bytes came back");
        Err(local("read what it wrote")(source))
    }

    /// Remove what a killed process left half written below `prefix`, last touched before `before` (seconds since 1970).
    ///
    /// In a bucket there is a row for each that holds a part; a lifecycle rule is the net below.
    pub(crate) async fn remove_partial(&self, prefix: &str, before: i64) -> Result<u64> {
        let Place::Local(directory) = &self.place else { return Ok(0) };
        let root = directory.join(prefix);
        let walked = tokio::task::spawn_blocking(move || partial::remove(&root, before));
        walked.await.map_err(io::Error::other).flatten().map_err(local("remove partial objects"))
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

/// Give the store so long.
pub(crate) async fn bounded<T>(
    operation: &'static str,
    most: Duration,
    asked: impl Future<Output = object_store::Result<T>>,
) -> Result<T> {
    let asked = async {
        match tokio::time::timeout(most, asked).await {
            Ok(answer) => answer.map_err(storage(operation)),
            Err(_) => Err(Error::StorageTimeout { operation }),
        }
    };
    watch::step(System::Storage, operation, asked).await
}

fn local(operation: &'static str) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Storage {
        operation,
        source: object_store::Error::Generic { store: "local", source: Box::new(source) },
    }
}
