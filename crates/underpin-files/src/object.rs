//! An object that is being written.

use bytes::Bytes;
use object_store::MultipartUpload;

use crate::{Result, error::storage, s3::Multipart};

/// An object that is being written, part by part; nobody sees it before it is complete.
///
/// One that will not be completed is dropped, and aborted by its id where it has one.
#[derive(Debug)]
pub(crate) enum Object {
    /// A staging file; dropped, it removes itself.
    Local(Box<dyn MultipartUpload>),
    /// Parts in a bucket; they stay until they are aborted.
    S3(Multipart),
}

impl Object {
    /// What must be remembered to abort it from another process.
    pub(crate) fn multipart_id(&self) -> Option<&str> {
        match self {
            Self::Local(_) => None,
            Self::S3(multipart) => Some(multipart.id()),
        }
    }

    /// Write a part; when it returns the store has it.
    pub(crate) async fn put(&mut self, part: Bytes) -> Result<()> {
        match self {
            Self::Local(file) => file.put_part(part.into()).await.map_err(storage("write a part")),
            Self::S3(multipart) => multipart.put(part).await,
        }
    }

    /// Make it visible; on a local disk it was flushed, file and directories.
    pub(crate) async fn complete(self) -> Result<()> {
        match self {
            Self::Local(mut file) => {
                file.complete().await.map(drop).map_err(storage("finish an object"))
            }
            Self::S3(multipart) => multipart.complete().await,
        }
    }
}
