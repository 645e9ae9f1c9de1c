//! Following a topic: read, wait for a hint or a little while, read again.

use std::{collections::VecDeque, time::Duration};

use underpin_base::Principal;
use underpin_db::Listener;
use underpin_runtime::CancellationToken;

use crate::{Entry, Log, LogStore, Position, Read, Result, Topic};

/// Longest wait before a follower looks without a hint: hints may be lost, polling alone is enough.
const POLL: Duration = Duration::from_secs(1);
/// Places of one read.
const PAGE: u32 = 256;

/// What a follower gets.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// The next entry.
    Entry(Entry),
    /// Entries are gone: fetch the thing itself again. The follower goes on from the position given.
    Resync(Position),
}

/// One reader of one topic; it holds no connection while it waits.
#[derive(Debug)]
pub struct Follower<S = Log> {
    store: S,
    principal: Principal,
    topic: Topic,
    position: Position,
    ready: VecDeque<Entry>,
    listener: Listener,
}

impl<S: LogStore> Follower<S> {
    /// Begin after a position, or at the present head.
    pub async fn start(
        store: S,
        principal: Principal,
        topic: Topic,
        after: Option<Position>,
    ) -> Result<Self> {
        // Before the first look, so that no hint falls in between.
        let listener = store.listen();
        let position = match after {
            Some(position) => position,
            None => store.head(principal, &topic).await?,
        };
        Ok(Self { store, principal, topic, position, ready: VecDeque::new(), listener })
    }

    /// Up to where entries were given or belong to others.
    pub fn position(&self) -> Position {
        self.ready.front().map_or(self.position, |entry| Position {
            epoch: entry.position.epoch,
            seq: entry.position.seq - 1,
        })
    }

    /// The next item; none once `stop` is cancelled.
    ///
    /// Errors: the store's; the follower keeps its place and may be asked again. Cancellation: safe, nothing is lost.
    pub async fn next(&mut self, stop: &CancellationToken) -> Result<Option<Item>> {
        loop {
            if stop.is_cancelled() {
                return Ok(None);
            }
            if let Some(entry) = self.ready.pop_front() {
                return Ok(Some(Item::Entry(entry)));
            }
            match self.store.read(self.principal, &self.topic, self.position, PAGE).await? {
                Read::Entries { position, .. } if position == self.position => {
                    tokio::select! {
                        () = stop.cancelled() => return Ok(None),
                        () = self.listener.wait(POLL) => {}
                    }
                }
                Read::Entries { entries, position } => {
                    self.ready.extend(entries);
                    self.position = position;
                }
                Read::Resync(position) => {
                    self.position = position;
                    return Ok(Some(Item::Resync(position)));
                }
            }
        }
    }
}
