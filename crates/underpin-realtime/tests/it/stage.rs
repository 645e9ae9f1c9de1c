//! A database with a sequencer, hubs as of several web processes, and a guard that a test commands.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use serde_json::json;
use underpin_base::{Principal, Role, TenantId, UserId};
use underpin_db::Db;
use underpin_log::{Audience, COMPONENT, Log, NewEvent, Position, Sequencer, Topic, emit};
use underpin_realtime::{Asked, Connection, Ended, Frame, Guard, Holder, Hub, Joined, Limits};
use underpin_runtime::CancellationToken;
use underpin_testkit::{TestDb, until};
use uuid::Uuid;

/// Longest wait for what should come at once.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) struct Stage {
    pub(crate) db: TestDb,
    pub(crate) stop: CancellationToken,
    pub(crate) guard: Commanded,
}

/// A guard that says what the test told it: everybody may go on, unless named.
#[derive(Debug, Clone, Default)]
pub(crate) struct Commanded {
    pub(crate) ends: Arc<Mutex<HashMap<Uuid, Ended>>>,
    pub(crate) silent: Arc<Mutex<bool>>,
    /// Questions that it left without an answer.
    pub(crate) in_vain: Arc<AtomicU32>,
}

impl Guard for Commanded {
    fn ask<'a>(&'a self, holders: &'a [Holder]) -> Asked<'a> {
        Box::pin(async move {
            if *self.silent.lock().unwrap() {
                self.in_vain.fetch_add(1, Ordering::SeqCst);
                return Err("the guard is away".into());
            }
            let ends = self.ends.lock().unwrap();
            Ok(holders.iter().map(|holder| ends.get(&holder.session).copied()).collect())
        })
    }
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let db = TestDb::new(&[COMPONENT]).await;
        let stage = Self { db, stop: CancellationToken::new(), guard: Commanded::default() };
        stage.link(&stage.db.db);
        tokio::spawn(Sequencer::run(stage.process(), stage.stop.clone()));
        stage
    }

    /// Carry hints from and to this process.
    fn link(&self, db: &Db) {
        let (wakes, stop) = (db.clone(), self.stop.clone());
        tokio::spawn(async move { wakes.run_wakes(stop).await });
    }

    /// The database as another process sees it, with hints to and from the others.
    pub(crate) fn process(&self) -> Db {
        let db = self.db.second_process();
        self.link(&db);
        db
    }

    /// The hub of another web process.
    pub(crate) fn hub(&self) -> Hub {
        self.hub_with(&self.process(), Limits::default())
    }

    pub(crate) fn hub_with(&self, db: &Db, limits: Limits) -> Hub {
        let hub = Hub::new(Log::new(db.clone()), db.wakes().clone(), self.guard.clone(), limits);
        tokio::spawn(hub.run(self.stop.clone()));
        hub
    }

    /// Tell numbered events in one transaction.
    pub(crate) async fn tell(&self, by: Principal, topic: &Topic, numbers: std::ops::Range<i64>) {
        let events: Vec<_> =
            numbers.map(|number| event(topic, Audience::Tenant, number, "")).collect();
        tell(&self.db.db, by, &events).await;
    }

    /// Wait until the topic's head has this number.
    pub(crate) async fn placed(&self, by: Principal, topic: &Topic, seq: i64) -> Position {
        let log = Log::new(self.db.db.clone());
        until("the events have their places", async || {
            let head = log.head(by, topic).await.unwrap();
            (head.seq >= seq).then_some(head)
        })
        .await
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) async fn tell(db: &Db, by: Principal, events: &[NewEvent]) {
    db.transact(by, |tx, _| Box::pin(async move { emit(tx, Timestamp::UNIX_EPOCH, events).await }))
        .await
        .unwrap();
}

/// An event whose version and payload are its number.
pub(crate) fn event(topic: &Topic, audience: Audience, number: i64, filler: &str) -> NewEvent {
    NewEvent {
        topic: topic.clone(),
        entity: Uuid::from_u128(1),
        version: number,
        kind: "thing.changed",
        schema_version: 1,
        audience,
        payload: json!({ "number": number, "filler": filler }),
    }
}

pub(crate) fn staff() -> Principal {
    Principal { tenant: TenantId::new(), subject: UserId::new(), role: Role::Member }
}

pub(crate) fn investor(of: Principal) -> Principal {
    Principal { subject: UserId::new(), role: Role::Investor, ..of }
}

pub(crate) fn connect(hub: &Hub, principal: Principal) -> Connection {
    hub.connect(Holder { session: Uuid::now_v7(), principal }).unwrap()
}

/// A reader of one room that keeps to the protocol: history first, then what the room tells.
pub(crate) struct Reader {
    pub(crate) connection: Connection,
    pub(crate) joined: Joined,
    ready: std::collections::VecDeque<Frame>,
}

impl Reader {
    pub(crate) async fn join(
        hub: &Hub,
        principal: Principal,
        topic: &Topic,
        after: Option<Position>,
    ) -> Self {
        let mut connection = connect(hub, principal);
        let joined = connection.join(topic.clone(), after).await.unwrap();
        Self { connection, joined, ready: std::collections::VecDeque::new() }
    }

    /// The next frame, or the reason of the end.
    pub(crate) async fn frame(&mut self) -> Result<Frame, Ended> {
        while let Some(history) = &mut self.joined.history
            && self.ready.is_empty()
        {
            match self.connection.go_on(history).await.unwrap() {
                Some(frames) => self.ready.extend(frames),
                None => self.joined.history = None,
            }
        }
        if let Some(frame) = self.ready.pop_front() {
            return Ok(frame);
        }
        let next = tokio::time::timeout(PATIENCE, self.connection.next());
        next.await.expect("a frame in time")
    }

    /// The number of the next event.
    pub(crate) async fn number(&mut self) -> i64 {
        match self.frame().await {
            Ok(frame @ Frame::Event(_)) => number(&frame),
            other => panic!("no event but {other:?}"),
        }
    }

    pub(crate) async fn numbers(&mut self, count: usize) -> Vec<i64> {
        let mut numbers = Vec::new();
        while numbers.len() < count {
            numbers.push(self.number().await);
        }
        numbers
    }

    pub(crate) async fn resync(&mut self) -> Position {
        match self.frame().await {
            Ok(Frame::Resync(_, position)) => position,
            other => panic!("no resync but {other:?}"),
        }
    }
}

/// The number in an event's frame.
pub(crate) fn number(frame: &Frame) -> i64 {
    let json: serde_json::Value = serde_json::from_slice(&frame.json()).unwrap();
    assert_eq!(json["version"], json["data"]["number"]);
    json["version"].as_i64().unwrap_or_else(|| panic!("{json} is no event"))
}
