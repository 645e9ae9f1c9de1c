//! A body becomes an object, in constant memory.

use std::{pin::Pin, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, timeout};

use crate::{Encoding, Error, Limits, Result, UploadId, inflate::Inflate, limits::Pace};

/// A body that wants to become a file.
#[derive(Debug)]
pub struct Incoming<S> {
    /// As the sender calls it: 1–255 characters, no control characters. Never used as a path.
    pub filename: String,
    /// `Content-Type` without parameters.
    pub media_type: Option<String>,
    /// `Content-Length`, if there is one.
    pub content_length: Option<u64>,
    /// `Content-Encoding`.
    pub encoding: Encoding,
    /// The bytes.
    pub body: S,
}

/// A file that is whole and in the store, but not yet used: commit it or discard it.
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

#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) bytes: u64,
    pub(crate) sha256: [u8; 32],
}

/// What takes the parts of a body.
pub(crate) trait Sink: Send {
    /// Take a part; when it returns the store has it.
    fn put(&mut self, part: Bytes) -> impl Future<Output = Result<()>> + Send;
    /// Called again and again while a body arrives.
    fn stay(&mut self) -> impl Future<Output = Result<()>> + Send;
}

/// Move a body into a sink in parts of equal size.
pub(crate) async fn pump<S, E>(
    sink: &mut impl Sink,
    part_bytes: usize,
    (content_length, encoding, body): (Option<u64>, Encoding, S),
    limits: &Limits,
) -> Result<Whole>
where
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let body = std::pin::pin!(body);
    let mut sender = Sender { body, limits, pace: Pace::new(limits.rate), bytes: 0 };
    let mut file = Gathering {
        sink,
        part: BytesMut::new(),
        part_bytes,
        bytes_max: limits.bytes_max,
        bytes: 0,
        digest: Sha256::new(),
    };
    let mut inflate = (encoding == Encoding::Gzip).then(Inflate::new);
    while let Some(piece) = sender.next().await? {
        if sender.bytes > limits.bytes_max {
            return Err(Error::TooLarge { bytes_max: limits.bytes_max });
        }
        file.sink.stay().await?;
        match &mut inflate {
            None => file.take(&piece).await?,
            Some(inflate) => {
                for step in Inflate::steps(&piece) {
                    file.take(&inflate.unfold(step).map_err(Error::BadEncoding)?).await?;
                    // Unfolding is work: others have their turn in between.
                    tokio::task::yield_now().await;
                }
            }
        }
    }
    if let Some(expected) = content_length.filter(|expected| *expected != sender.bytes) {
        return Err(Error::LengthMismatch { expected, bytes: sender.bytes });
    }
    if let Some(inflate) = inflate {
        file.take(&inflate.finish().map_err(Error::BadEncoding)?).await?;
    }
    file.end().await
}

/// The one who sends, with our patience.
struct Sender<'l, 'b, S> {
    body: Pin<&'b mut S>,
    limits: &'l Limits,
    pace: Pace,
    /// As they came, before they are unfolded.
    bytes: u64,
}

impl<S, E> Sender<'_, '_, S>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// The next piece. It is asked for only when the store took what came before: the socket is the queue.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        let mut silent = Duration::ZERO;
        loop {
            let patience = self.limits.idle_timeout.saturating_sub(silent).min(self.pace.left());
            let began = Instant::now();
            let piece = timeout(patience, self.body.next()).await;
            let waited = began.elapsed();
            let piece = match piece {
                Ok(None) => return Ok(None),
                Ok(Some(Err(source))) => {
                    return Err(Error::BodyBroken { bytes: self.bytes, source: source.into() });
                }
                Ok(Some(Ok(piece))) => Some(piece),
                Err(_) => None,
            };
            let length = piece.as_ref().map_or(0, |piece| piece.len() as u64);
            self.bytes += length;
            silent += waited;
            let stopped = piece.is_none() && silent >= self.limits.idle_timeout;
            if self.pace.is_missed(waited, length) || stopped {
                return Err(Error::BodyTimeout { bytes: self.bytes });
            }
            if piece.is_some() {
                return Ok(piece);
            }
        }
    }
}

/// What came, on its way into the store.
struct Gathering<'s, K> {
    sink: &'s mut K,
    part: BytesMut,
    part_bytes: usize,
    bytes_max: u64,
    bytes: u64,
    digest: Sha256,
}

impl<K: Sink> Gathering<'_, K> {
    async fn take(&mut self, mut piece: &[u8]) -> Result<()> {
        self.bytes += piece.len() as u64;
        if self.bytes > self.bytes_max {
            return Err(Error::TooLarge { bytes_max: self.bytes_max });
        }
        self.digest.update(piece);
        while !piece.is_empty() {
            if self.part.capacity() == 0 {
                self.part.reserve(self.part_bytes);
            }
            let (now, later) = piece.split_at(piece.len().min(self.part_bytes - self.part.len()));
            self.part.extend_from_slice(now);
            piece = later;
            if self.part.len() == self.part_bytes {
                self.sink.put(std::mem::take(&mut self.part).freeze()).await?;
            }
        }
        Ok(())
    }

    async fn end(self) -> Result<Whole> {
        if !self.part.is_empty() {
            self.sink.put(self.part.freeze()).await?;
        }
        Ok(Whole { bytes: self.bytes, sha256: self.digest.finalize().into() })
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use futures_util::stream;

    use super::*;
    use crate::RateFloor;

    #[derive(Default)]
    struct Kept {
        parts: Vec<usize>,
        slow: Duration,
    }

    impl Sink for Kept {
        async fn put(&mut self, part: Bytes) -> Result<()> {
            self.parts.push(part.len());
            tokio::time::sleep(self.slow).await;
            Ok(())
        }

        async fn stay(&mut self) -> Result<()> {
            Ok(())
        }
    }

    const LIMITS: Limits = Limits {
        bytes_max: 1 << 30,
        idle_timeout: Duration::from_secs(30),
        rate: RateFloor { window: Duration::from_secs(10), bytes_per_second: 1_000 },
    };

    /// A body of pieces, each after a wait.
    fn trickle(
        pieces: impl IntoIterator<Item = (u64, usize)>,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send {
        let pieces: Vec<_> = pieces.into_iter().collect();
        stream::iter(pieces).then(|(milliseconds, bytes)| async move {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            Ok(Bytes::from(vec![7; bytes]))
        })
    }

    async fn take(
        kept: &mut Kept,
        body: impl Stream<Item = io::Result<Bytes>> + Send,
    ) -> (Result<Whole>, Duration) {
        let began = Instant::now();
        let whole = pump(kept, 4_096, (None, Encoding::Identity, body), &LIMITS).await;
        (whole, began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_below_the_floor_is_ended_with_its_window() {
        let slow = trickle((0..1_000).map(|_| (1_000, 999)));
        let (slow, took) = take(&mut Kept::default(), slow).await;
        assert!(matches!(slow, Err(Error::BodyTimeout { .. })), "{slow:?}");
        assert_eq!(took.as_secs(), 10);

        let enough = trickle((0..1_000).map(|_| (1_000, 1_000)));
        let (enough, took) = take(&mut Kept::default(), enough).await;
        assert_eq!(enough.unwrap().bytes, 1_000_000);
        assert_eq!(took.as_secs(), 1_000);
    }

    #[tokio::test(start_paused = true)]
    async fn what_came_quickly_buys_no_time_later() {
        let pieces = [(1, 500_000)].into_iter().chain((0..1_000).map(|_| (1_000, 1)));
        let (outcome, took) = take(&mut Kept::default(), trickle(pieces)).await;
        assert!(matches!(outcome, Err(Error::BodyTimeout { .. })), "{outcome:?}");
        assert!(took <= Duration::from_millis(20_100), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_body_is_ended_at_the_idle_timeout_or_its_window() {
        let silent = stream::pending::<io::Result<Bytes>>();
        let (outcome, took) = take(&mut Kept::default(), silent).await;
        assert!(matches!(outcome, Err(Error::BodyTimeout { bytes: 0 })), "{outcome:?}");
        assert_eq!(took.as_secs(), 10);
        let limits = Limits { idle_timeout: Duration::from_secs(3), ..LIMITS };
        let began = Instant::now();
        let silent = stream::pending::<io::Result<Bytes>>();
        let asked = (None, Encoding::Identity, silent);
        let outcome = pump(&mut Kept::default(), 4_096, asked, &limits).await;
        assert!(matches!(outcome, Err(Error::BodyTimeout { bytes: 0 })), "{outcome:?}");
        assert_eq!(began.elapsed().as_secs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_store_is_not_the_senders_fault() {
        let mut slow = Kept { slow: Duration::from_mins(1), ..Kept::default() };
        let (outcome, took) = take(&mut slow, trickle([(1, 10_000), (1, 10_000)])).await;
        assert_eq!(outcome.unwrap().bytes, 20_000);
        assert_eq!(took.as_secs(), 300);
    }

    #[tokio::test]
    async fn all_parts_but_the_last_have_one_size() {
        let mut kept = Kept::default();
        let body = trickle([(0, 1), (0, 4_096), (0, 0), (0, 10_000), (0, 4_095)]);
        take(&mut kept, body).await.0.unwrap();
        assert_eq!(kept.parts, [4_096, 4_096, 4_096, 4_096, 1_808]);
    }
}
