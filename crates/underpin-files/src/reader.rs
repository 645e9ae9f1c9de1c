//! An object's bytes for a thread that may block.

use std::{
    fs::File,
    io::{self, Read, Seek as _, SeekFrom},
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use tokio::runtime::Handle;

/// An object's bytes for a thread that may block (`spawn_blocking`), never for an async task.
#[derive(Debug)]
pub struct Reader(Inner);

enum Inner {
    File { file: File, seek: Option<u64> },
    Stream { stream: BoxStream<'static, object_store::Result<Bytes>>, handle: Handle, rest: Bytes },
    Done,
}

impl Reader {
    pub(crate) const fn done() -> Self {
        Self(Inner::Done)
    }

    pub(crate) const fn file(file: File, start: u64) -> Self {
        Self(Inner::File { file, seek: Some(start) })
    }

    pub(crate) fn stream(stream: BoxStream<'static, object_store::Result<Bytes>>) -> Self {
        Self(Inner::Stream { stream, handle: Handle::current(), rest: Bytes::new() })
    }
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
