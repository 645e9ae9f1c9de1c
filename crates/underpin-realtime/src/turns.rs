//! The service of a hub: look at the log for all rooms, and ask whether the connections may go on.

use std::{collections::HashMap, time::Duration};

use tokio::time::{Instant, sleep_until, timeout};
use underpin_db::Wake;
use underpin_log::LogStore as _;
use underpin_runtime::CancellationToken;

use crate::{Ended, Holder, Hub, rooms::Id, tell::Tell};

/// Longest wait before the log is looked at without a hint: hints may be lost, polling alone is enough.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Shortest pause between two looks; hints that come meanwhile are one.
const LOOK_PAUSE: Duration = Duration::from_millis(10);
/// Longest wait before the guard is asked without a hint. With its answer and the close of the socket it stays below a second.
const GUARD_EVERY: Duration = Duration::from_millis(750);
/// Shortest pause between two questions to the guard.
const GUARD_PAUSE: Duration = Duration::from_millis(50);
/// Pause after a guard that did not answer.
const GUARD_AGAIN: Duration = Duration::from_millis(250);
/// Longest wait for an answer of either.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// A turn that took long is followed by a pause of so many times as long: the hub takes a part of a connection, never all of it.
const SHARE: u32 = 2;
/// Places of one look, shared by its rooms.
const PLACES_MAX: usize = 1_024;
/// Places of one room in one look.
const ROOM_PLACES_MAX: usize = 64;
/// How long connections that were told to end may take.
const DRAIN_MAX: Duration = Duration::from_secs(5);

/// Something that is done when it is hinted at or when it is due, never too often.
struct Turn {
    due: Instant,
    free: Instant,
}

impl Turn {
    fn new() -> Self {
        Self { due: Instant::now(), free: Instant::now() }
    }

    fn hinted(&mut self) {
        self.due = self.due.min(self.free);
    }

    fn is_due(&self) -> bool {
        Instant::now() >= self.due
    }

    fn left(&self) -> Duration {
        self.due.saturating_duration_since(Instant::now())
    }

    /// It was done, begun at `began`; again after `every`, or as soon as may be.
    fn done(&mut self, began: Instant, pause: Duration, every: Option<Duration>) {
        let now = Instant::now();
        self.free = now + pause.max(SHARE * (now - began));
        self.due = every.map_or(self.free, |every| began + every);
    }
}

/// Tell the rooms and guard the connections until `stop`; then end all connections and wait for them.
pub(crate) async fn run(hub: Hub, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = turns(&hub) => {}
    }
    drain(&hub).await;
}

async fn turns(hub: &Hub) {
    let (mut heads, mut access) = (hub.log().listen(), hub.wakes().listen(Wake::Access));
    let (mut look, mut guard) = (Turn::new(), Turn::new());
    let mut guarded = false;
    loop {
        tokio::select! {
            () = access.wait(guard.left()) => guard.hinted(),
            () = heads.wait(look.left()) => look.hinted(),
        }
        if guard.is_due() {
            let began = Instant::now();
            guarded = ask(hub).await;
            guard.done(began, GUARD_PAUSE, Some(if guarded { GUARD_EVERY } else { GUARD_AGAIN }));
        }
        // Nobody is told anything while it is not known who may still hear it.
        if guarded && look.is_due() {
            let began = Instant::now();
            let more = tell(hub).await;
            look.done(began, LOOK_PAUSE, (!more).then_some(LOOK_EVERY));
        } else if !guarded {
            sleep_until(guard.due).await;
        }
    }
}

/// Ask the guard about everybody, and end the connections of those who may not go on; false if it did not answer.
async fn ask(hub: &Hub) -> bool {
    let mut holders: HashMap<Holder, Vec<Id>> = HashMap::new();
    for (id, outbox) in &hub.rooms().connections {
        holders.entry(outbox.holder).or_default().push(*id);
    }
    if holders.is_empty() {
        return true;
    }
    let (asked, ids): (Vec<Holder>, Vec<Vec<Id>>) = holders.into_iter().unzip();
    let answer = timeout(ANSWER_MAX, hub.guard().ask(&asked)).await;
    let ends = match answer {
        Ok(Ok(ends)) if ends.len() == asked.len() => ends,
        Ok(Ok(_)) => return false,
        Ok(Err(error)) => {
            tracing::warn!(error = &*error as &dyn std::error::Error, "who may go on is not known");
            return false;
        }
        Err(_) => {
            tracing::warn!("who may go on is not known in time");
            return false;
        }
    };
    let rooms = hub.rooms();
    for (why, ids) in ends.into_iter().zip(ids) {
        let Some(why) = why else { continue };
        for outbox in ids.iter().filter_map(|id| rooms.connections.get(id)) {
            outbox.end(why);
        }
    }
    true
}

/// Look what is new in all rooms and tell their readers; true if there may be more.
async fn tell(hub: &Hub) -> bool {
    let followed = hub.rooms().followed();
    if followed.is_empty() {
        return false;
    }
    let page = (PLACES_MAX / followed.len()).clamp(1, ROOM_PLACES_MAX);
    let news = match timeout(ANSWER_MAX, hub.log().look(&followed, page as u32)).await {
        Ok(Ok(news)) => news,
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the rooms lost the log");
            return false;
        }
        Err(_) => {
            tracing::warn!("the log did not answer the rooms in time");
            return false;
        }
    };
    let mut more = false;
    for (index, news) in news {
        let Some(before) = followed.get(index) else { continue };
        let tell = Tell::of(before, news);
        more |= matches!(&tell, Tell::Frames(frames, _) if frames.len() == page);
        // One room at a time: whoever joins meanwhile waits for one room, not for all.
        hub.rooms().tell(before, &tell);
    }
    more
}

/// End every connection, and wait until they are gone or the time is over.
async fn drain(hub: &Hub) {
    {
        let mut rooms = hub.rooms();
        rooms.open = false;
        for outbox in rooms.connections.values() {
            outbox.end(Ended::Drained);
        }
    }
    let gone = async {
        let mut left = std::pin::pin!(hub.left().notified());
        loop {
            left.as_mut().enable();
            if hub.rooms().connections.is_empty() {
                return;
            }
            left.as_mut().await;
            left.set(hub.left().notified());
        }
    };
    if timeout(DRAIN_MAX, gone).await.is_err() {
        let open = hub.figures().connections;
        tracing::warn!(open, "connections did not end in time");
    }
}
