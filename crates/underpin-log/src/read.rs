//! Reading a topic from a position.

use std::sync::Arc;

use jiff::civil::Date;
use underpin_base::{Principal, UserId};
use underpin_db::{Db, Listener, Row, Wake};

use crate::{
    Entry, Follower, Position, Result, Topic,
    store::log::{FIND_HEAD, LIST_ENTRIES},
};

/// What a read found.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// Everything the reader may see after its position, in order.
    Entries {
        /// The entries; places in between belong to events for others.
        entries: Vec<Entry>,
        /// Where to go on: everything up to here was given or is for others.
        position: Position,
    },
    /// What follows the reader's position is not kept: fetch the thing itself again, then go on from here.
    Resync(Position),
}

/// A place where the log can be read: Postgres here, Redis later. One suite (`conformance`) holds for all.
pub trait LogStore: Clone + Send + Sync + 'static {
    /// The newest place of a topic; [`Position::START`] if it has no entry.
    fn head(
        &self,
        principal: Principal,
        topic: &Topic,
    ) -> impl Future<Output = Result<Position>> + Send;

    /// At most `limit` places after `after`.
    fn read(
        &self,
        principal: Principal,
        topic: &Topic,
        after: Position,
        limit: u32,
    ) -> impl Future<Output = Result<Read>> + Send;

    /// Tells when the head of some topic may have moved; a lossy hint.
    fn listen(&self) -> Listener;
}

/// The log in Postgres.
///
/// Guarantee: what committed before another transaction began comes before it; no gaps; row level security decides what a reader sees.
#[derive(Debug, Clone)]
pub struct Log {
    db: Arc<Db>,
}

/// The newest place of a topic and its day.
struct Head {
    position: Position,
    logged_on: Date,
}

impl Log {
    /// The log of this database.
    pub fn new(db: Db) -> Self {
        Self { db: Arc::new(db) }
    }

    /// The newest place of a topic; [`Position::START`] if it has no entry.
    pub async fn head(&self, principal: Principal, topic: &Topic) -> Result<Position> {
        Ok(self.find_head(principal, topic).await?.map_or(Position::START, |head| head.position))
    }

    /// At most `limit` places after `after`.
    ///
    /// Cost: one round trip if there is nothing new, two if there is.
    pub async fn read(
        &self,
        principal: Principal,
        topic: &Topic,
        after: Position,
        limit: u32,
    ) -> Result<Read> {
        let Some(head) = self.find_head(principal, topic).await? else {
            // Nothing is kept. Whoever had read something cannot know what is gone.
            return Ok(match after {
                Position::START => Read::Entries { entries: Vec::new(), position: after },
                _ => Read::Resync(Position::START),
            });
        };
        let after = match after {
            Position::START => Position { epoch: head.position.epoch, seq: 0 },
            after => after,
        };
        if after.epoch != head.position.epoch || after.seq > head.position.seq {
            return Ok(Read::Resync(head.position));
        }
        if after.seq == head.position.seq {
            return Ok(Read::Entries { entries: Vec::new(), position: after });
        }
        self.read_behind(principal, after, &head, limit).await
    }

    /// Follow a topic from a position, or from its present head.
    pub async fn follow(
        &self,
        principal: Principal,
        topic: Topic,
        after: Option<Position>,
    ) -> Result<Follower> {
        Follower::start(self.clone(), principal, topic, after).await
    }

    /// The database that the log lies in.
    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    async fn find_head(&self, principal: Principal, topic: &Topic) -> Result<Option<Head>> {
        let row = self
            .db
            .query_opt(principal, &FIND_HEAD, &[&principal.tenant.uuid(), &topic.as_str()])
            .await?;
        Ok(row.map(|row| Head {
            position: Position { epoch: row.get(0), seq: row.get(1) },
            logged_on: row.get(2),
        }))
    }

    /// Read places that the head proves to exist; one that is missing was dropped by retention.
    async fn read_behind(
        &self,
        principal: Principal,
        after: Position,
        head: &Head,
        limit: u32,
    ) -> Result<Read> {
        let epoch = after.epoch;
        let limit = i64::from(limit.max(1));
        let until = after.seq.saturating_add(limit).min(head.position.seq);
        let rows = self
            .db
            .query(
                principal,
                &LIST_ENTRIES,
                &[
                    &principal.tenant.uuid(),
                    &epoch,
                    &after.seq,
                    &until,
                    &Date::constant(2000, 1, 1),
                    &head.logged_on,
                    &limit,
                ],
            )
            .await?;
        let contiguous =
            rows.iter().zip(after.seq + 1..).all(|(row, seq)| row.get::<_, i64>(0) == seq);
        if !contiguous || after.seq + rows.len() as i64 != until {
            return Ok(Read::Resync(head.position));
        }
        let entries = rows.iter().filter_map(|row| entry(epoch, row)).collect();
        Ok(Read::Entries { entries, position: Position { epoch, seq: until } })
    }
}

impl LogStore for Log {
    async fn head(&self, principal: Principal, topic: &Topic) -> Result<Position> {
        Self::head(self, principal, topic).await
    }

    async fn read(
        &self,
        principal: Principal,
        topic: &Topic,
        after: Position,
        limit: u32,
    ) -> Result<Read> {
        Self::read(self, principal, topic, after, limit).await
    }

    fn listen(&self) -> Listener {
        self.db.wakes().listen(Wake::Head)
    }
}

/// The entry of a row, unless its event is for others.
fn entry(epoch: i64, row: &Row) -> Option<Entry> {
    let event = row.get::<_, Option<uuid::Uuid>>(2)?;
    Some(Entry {
        position: Position { epoch, seq: row.get(0) },
        event,
        entity: row.get(3),
        version: row.get(4),
        kind: row.get(5),
        schema_version: row.get(6),
        actor: UserId::from_uuid(row.get(7)),
        at: row.get(8),
        payload: row.get(9),
    })
}
