//! One reader of rooms: a web socket or an event stream.

use std::sync::Arc;

use underpin_log::{Position, Read, Topic};

use crate::{
    Ended, Error, Frame, Hub, Result,
    outbox::Outbox,
    rooms::{Id, Key, Release},
};

/// Places of one read of history.
const PAGE: u32 = 64;
/// Pages of history that a reader gets; who missed more fetches the thing itself.
const PAGES_MAX: u32 = 32;

/// An open connection. Dropping it leaves its rooms.
#[derive(Debug)]
pub struct Connection {
    hub: Hub,
    id: Id,
    outbox: Arc<Outbox>,
    topics: Vec<Topic>,
}

/// Tells when a connection ends. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Life(Arc<Outbox>);

/// A room that was joined.
#[derive(Debug)]
pub struct Joined {
    /// Everything after this place follows.
    pub position: Position,
    /// Whether that is the place the reader asked for; else it fetches the thing itself.
    pub resumed: bool,
    /// What happened since that place, to be given before anything else of the room.
    pub history: Option<History>,
}

/// What happened since a reader was last here. While it is read, what comes new stays in the log: that is where it waits.
#[derive(Debug)]
pub struct History {
    topic: Topic,
    /// Everything up to here was read.
    read: Position,
    /// How often the room was broken when the reader came.
    breaks: u32,
    pages: u32,
    ready: Vec<Frame>,
    over: bool,
}

impl Connection {
    pub(crate) const fn new(hub: Hub, id: Id, outbox: Arc<Outbox>) -> Self {
        Self { hub, id, outbox, topics: Vec::new() }
    }

    /// Join a room, after a place or where it stands. Whether the reader may is the caller's question, asked before.
    ///
    /// Keeps: the room is entered before anything is read, so nothing falls between history and what follows; hand
    /// [`Joined::history`] to [`Connection::go_on`] until it is over. Who is in the room already joins anew.
    /// Errors: [`Error::TooManyRooms`]; the log's, and the room is left.
    /// Cost: none where a reader of this process is in the room and nothing was missed, else one to three round trips.
    pub async fn join(&mut self, topic: Topic, after: Option<Position>) -> Result<Joined> {
        self.leave(&topic);
        if self.topics.len() >= self.hub.limits().rooms_max {
            return Err(Error::TooManyRooms);
        }
        self.topics.push(topic.clone());
        let joined = self.enter(&topic, after).await;
        joined.inspect_err(|_| {
            self.leave(&topic);
        })
    }

    async fn enter(&self, topic: &Topic, after: Option<Position>) -> Result<Joined> {
        let key = self.key(topic);
        let (breaks, unknown) = self.hub.rooms().enter(self.id, &key, &self.outbox);
        if unknown {
            let head = self.hub.log().head(self.outbox.holder.principal, topic).await?;
            self.hub.rooms().found(&key, head);
        }
        let Some(after) = after else {
            let position = self.hub.rooms().release_here(self.id, &key);
            return Ok(Joined { position, resumed: false, history: None });
        };
        if self.hub.rooms().release_at(self.id, &key, after) {
            return Ok(Joined { position: after, resumed: true, history: None });
        }
        let (topic, read, ready) = (topic.clone(), after, Vec::new());
        let mut history = History { topic, read, breaks, pages: 0, ready, over: false };
        Ok(match self.read(&mut history).await? {
            None => Joined { position: after, resumed: true, history: Some(history) },
            Some(position) => Joined { position, resumed: false, history: None },
        })
    }

    /// The next part of a history; none when it is over and the room tells the reader what follows.
    ///
    /// Errors: the log's; the room is left. Cancellation: the connection is to be dropped.
    pub async fn go_on(&mut self, history: &mut History) -> Result<Option<Vec<Frame>>> {
        let part = self.part(history).await;
        part.inspect_err(|_| {
            self.leave(&history.topic);
        })
    }

    async fn part(&self, history: &mut History) -> Result<Option<Vec<Frame>>> {
        let key = self.key(&history.topic);
        loop {
            if !history.ready.is_empty() {
                return Ok(Some(std::mem::take(&mut history.ready)));
            }
            if history.over {
                return Ok(None);
            }
            let release = self.hub.rooms().release(self.id, &key, history.read, history.breaks);
            let missing = match release {
                Release::Live => return Ok(None),
                Release::Resync(position) => Some(position),
                Release::Behind => self.read(history).await?,
            };
            if let Some(position) = missing {
                history.over = true;
                return Ok(Some(vec![Frame::Resync(history.topic.clone(), position)]));
            }
        }
    }

    /// Read a page of history as the reader, under row level security. A place if something is missing: the room tells from there on.
    async fn read(&self, history: &mut History) -> Result<Option<Position>> {
        history.pages += 1;
        let History { topic, read, pages, ready, .. } = history;
        let reader = self.outbox.holder.principal;
        match self.hub.log().read(reader, topic, *read, PAGE).await? {
            Read::Entries { entries, position } if *pages <= PAGES_MAX => {
                ready.extend(entries.iter().map(|entry| Frame::of(topic, entry)));
                *read = position;
                Ok(None)
            }
            _ => Ok(Some(self.hub.rooms().release_here(self.id, &self.key(topic)))),
        }
    }

    /// Leave a room; false if the connection was not in it. What waits of it is dropped.
    pub fn leave(&mut self, topic: &Topic) -> bool {
        let Some(at) = self.topics.iter().position(|joined| joined == topic) else { return false };
        self.topics.swap_remove(at);
        self.hub.rooms().leave(self.id, &self.key(topic));
        self.outbox.forget(topic);
        true
    }

    /// The rooms it is in.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// The next frame of any room. Cancellation: safe, nothing is lost.
    ///
    /// Errors: why the connection ended.
    pub async fn next(&self) -> Result<Frame, Ended> {
        self.outbox.next().await
    }

    /// What tells when the connection ends, whatever is done with it meanwhile.
    pub fn life(&self) -> Life {
        Life(Arc::clone(&self.outbox))
    }

    fn key(&self, topic: &Topic) -> Key {
        (self.outbox.holder.principal.tenant, topic.clone())
    }
}

impl Life {
    /// Return once the connection ended, and say why. Cancellation: safe.
    pub async fn over(&self) -> Ended {
        self.0.over().await
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.hub.rooms().disconnect(self.id, &self.topics);
        self.hub.left().notify_waiters();
    }
}
