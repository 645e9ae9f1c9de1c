//! A body becomes an object, in constant memory.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use object_store::MultipartUpload;
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, timeout};

use crate::{Error, Files, Limits, Result, UploadId, error::storage};

/// A body that wants to become a file.
#[derive(Debug)]
pub struct Incoming<S> {
    /// As the sender calls it: 1–255 characters, no control characters. Never used as a path.
    pub filename: String,
    /// `Content-Type` without parameters.
    pub media_type: Option<String>,
    /// `Content-Length`, if there is one.
    pub content_length: Option<u64>,
    /// The bytes.
    pub body: S,
}

/// A file that is whole and on the disk, but not yet used: commit it or discard it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The row in `underpin.upload`.
    pub upload_id: UploadId,
    /// The object's key.
    pub key: String,
    /// As the sender calls it.
    pub filename: String,
    /// Its size.
    pub bytes: u64,
    /// The digest of its bytes.
    pub sha256: [u8; 32],
}

pub(crate) struct Whole {
    pub(crate) bytes: u64,
    pub(crate) sha256: [u8; 32],
}

/// Write the body below `key`; on any error nothing of it stays.
pub(crate) async fn write<S, E>(
    files: &Files,
    key: &str,
    expected: Option<u64>,
    body: S,
    limits: &Limits,
) -> Result<Whole>
where
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // Dropped unfinished (the sender went away, the server stops), it removes its staging file itself.
    let mut object = files.begin(key).await?;
    let outcome = pump(object.as_mut(), files.part_bytes(), body, limits).await;
    let outcome = match (outcome, expected) {
        (Ok(whole), Some(expected)) if whole.bytes != expected => {
            Err(Error::LengthMismatch { expected, bytes: whole.bytes })
        }
        (other, _) => other,
    };
    match outcome {
        Ok(whole) => {
            object.complete().await.map_err(storage("finish an object"))?;
            Ok(whole)
        }
        Err(error) => {
            if let Err(left) = object.abort().await {
                tracing::warn!(
                    key,
                    error = &left as &dyn std::error::Error,
                    "partial object is left to the sweep"
                );
            }
            Err(error)
        }
    }
}

async fn pump<S, E>(
    object: &mut dyn MultipartUpload,
    part_bytes: usize,
    body: S,
    limits: &Limits,
) -> Result<Whole>
where
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let started = Instant::now();
    let (mut bytes, mut digest, mut part) = (0_u64, Sha256::new(), BytesMut::new());
    let mut body = std::pin::pin!(body);
    while let Some(piece) = next(body.as_mut(), limits.idle_timeout, bytes).await? {
        bytes += piece.len() as u64;
        if bytes > limits.bytes_max {
            return Err(Error::TooLarge { bytes_max: limits.bytes_max });
        }
        if limits.rate.is_missed(bytes, started.elapsed()) {
            return Err(Error::BodyTimeout { bytes });
        }
        digest.update(&piece);
        part.extend_from_slice(&piece);
        // The next piece is not asked for before the store took this one: the socket is the queue.
        if part.len() >= part_bytes {
            put(object, part.split().freeze()).await?;
        }
    }
    if !part.is_empty() {
        put(object, part.freeze()).await?;
    }
    Ok(Whole { bytes, sha256: digest.finalize().into() })
}

async fn put(object: &mut dyn MultipartUpload, part: Bytes) -> Result<()> {
    object.put_part(part.into()).await.map_err(storage("write a part"))
}

async fn next<S, E>(
    mut body: std::pin::Pin<&mut S>,
    idle: Duration,
    bytes: u64,
) -> Result<Option<Bytes>>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match timeout(idle, body.next()).await {
        Err(_) => Err(Error::BodyTimeout { bytes }),
        Ok(None) => Ok(None),
        Ok(Some(Ok(piece))) => Ok(Some(piece)),
        Ok(Some(Err(source))) => Err(Error::BodyBroken { bytes, source: source.into() }),
    }
}
