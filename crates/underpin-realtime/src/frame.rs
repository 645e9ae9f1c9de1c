//! What goes out to readers: encoded once, shared by all of them.

use std::{
    fmt::Write as _,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use underpin_base::UserId;
use underpin_log::{Entry, Position, Topic};
use uuid::Uuid;

/// Largest frame of an event. A socket's buffer grows to the largest frame it has sent and stays so, thousands of times; and a log
/// carries what happened, not the thing.
const EVENT_BYTES_MAX: usize = 16 * 1024;

/// What a reader of a room gets.
#[derive(Debug, Clone)]
pub enum Frame {
    /// Something happened.
    Event(Arc<Event>),
    /// Something may be missing: the reader fetches the thing itself again. What comes after the place follows.
    Resync(Topic, Position),
}

/// An entry as it goes out.
#[derive(Debug)]
pub struct Event {
    topic: Topic,
    position: Position,
    kind: String,
    json: Bytes,
    /// Where the payload begins in `json`; it ends before the last brace.
    data_at: usize,
    stream: OnceLock<Bytes>,
}

/// The head of an event's frame; `data` follows.
#[derive(Serialize)]
struct Head<'a> {
    op: &'static str,
    room: &'a str,
    id: String,
    kind: &'a str,
    entity: Uuid,
    version: i64,
    at: Timestamp,
    actor: UserId,
}

impl Event {
    fn new(topic: Topic, entry: &Entry) -> Self {
        let Entry { position, entity, version, kind, payload, at, actor, .. } = entry;
        let head = Head {
            op: "event",
            room: topic.as_str(),
            id: position.to_string(),
            kind,
            entity: *entity,
            version: *version,
            at: *at,
            actor: *actor,
        };
        let mut json = text(&head);
        json.truncate(json.len() - 1);
        json.push_str(",\"data\":");
        let data_at = json.len();
        json.push_str(&text(payload));
        json.push('}');
        Self {
            position: *position,
            kind: kind.clone(),
            json: json.into(),
            data_at,
            stream: OnceLock::new(),
            topic,
        }
    }

    fn data(&self) -> &str {
        let data = &self.json[self.data_at..self.json.len() - 1];
        std::str::from_utf8(data).expect("cut from a string at the ends of a JSON value")
    }

    /// The text of a server-sent event; made for the first who asks.
    fn stream(&self) -> Bytes {
        let Self { position, kind, .. } = self;
        let made =
            || Bytes::from(format!("id: {position}\nevent: {kind}\ndata: {}\n\n", self.data()));
        self.stream.get_or_init(made).clone()
    }
}

impl Frame {
    /// What a reader gets of an entry: the event, or that it must fetch for itself where that is too large.
    pub(crate) fn of(topic: &Topic, entry: &Entry) -> Self {
        let event = Event::new(topic.clone(), entry);
        if event.json.len() > EVENT_BYTES_MAX {
            return Self::Resync(event.topic, event.position);
        }
        Self::Event(Arc::new(event))
    }

    /// The room's topic.
    pub fn topic(&self) -> &Topic {
        match self {
            Self::Event(event) => &event.topic,
            Self::Resync(topic, _) => topic,
        }
    }

    /// The place in the topic.
    pub fn position(&self) -> Position {
        match self {
            Self::Event(event) => event.position,
            Self::Resync(_, position) => *position,
        }
    }

    /// As a message of a web socket: `{"op":"event",…}` or `{"op":"resync",…}`.
    pub fn json(&self) -> Bytes {
        match self {
            Self::Event(event) => event.json.clone(),
            Self::Resync(topic, position) => {
                let mut json = String::new();
                // A topic has no character that JSON would escape.
                let _ = write!(json, r#"{{"op":"resync","room":"{topic}","id":"{position}"}}"#);
                json.into()
            }
        }
    }

    /// As a server-sent event.
    pub fn server_sent(&self) -> Bytes {
        match self {
            Self::Event(event) => event.stream(),
            Self::Resync(_, position) => {
                format!("id: {position}\nevent: resync\ndata: {{}}\n\n").into()
            }
        }
    }

    /// What it costs to wait for a reader. The bytes are shared, yet each queue that holds them keeps them alive.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Event(event) => event.json.len(),
            // One for each room at most, and there are few.
            Self::Resync(..) => 0,
        }
    }
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| Value::Null.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(payload: Value) -> Entry {
        Entry {
            position: Position { epoch: 3, seq: 41 },
            event: Uuid::nil(),
            entity: Uuid::from_u128(7),
            version: 9,
            kind: "fund.changed".to_owned(),
            schema_version: 1,
            actor: UserId::from_uuid(Uuid::nil()),
            at: Timestamp::UNIX_EPOCH,
            payload,
        }
    }

    #[test]
    fn an_event_is_the_same_in_both_forms() {
        for payload in [json!({"a": "ä\n\"}", "b": [1, {}]}), json!(null), json!("data")] {
            let topic = Topic::of("fund", Uuid::from_u128(7));
            let frame = Frame::of(&topic, &entry(payload.clone()));
            let json: Value = serde_json::from_slice(&frame.json()).unwrap();
            let expected = json!({
                "op": "event", "room": topic.as_str(), "id": "3-41", "kind": "fund.changed",
                "entity": Uuid::from_u128(7), "version": 9, "at": "1970-01-01T00:00:00Z", "actor": Uuid::nil(),
                "data": payload,
            });
            assert_eq!(json, expected);
            let text = String::from_utf8(frame.server_sent().to_vec()).unwrap();
            let lines: Vec<_> = text.split('\n').collect();
            let data = format!("data: {payload}");
            assert_eq!(lines, ["id: 3-41", "event: fund.changed", &data, "", ""]);
        }
    }

    #[test]
    fn an_event_that_is_too_large_says_fetch() {
        let topic = Topic::named("funds");
        let frame = |bytes: usize| Frame::of(&topic, &entry(json!("x".repeat(bytes))));
        assert!(matches!(frame(EVENT_BYTES_MAX - 400), Frame::Event(_)));
        let position = Position { epoch: 3, seq: 41 };
        let large = frame(EVENT_BYTES_MAX);
        assert!(matches!(large, Frame::Resync(to, at) if to == topic && at == position));
    }

    #[test]
    fn a_resync_is_the_same_in_both_forms() {
        let frame = Frame::Resync(Topic::named("funds"), Position { epoch: 3, seq: 41 });
        let json: Value = serde_json::from_slice(&frame.json()).unwrap();
        assert_eq!(json, json!({"op": "resync", "room": "funds", "id": "3-41"}));
        assert_eq!(&frame.server_sent()[..], b"id: 3-41\nevent: resync\ndata: {}\n\n");
    }
}
