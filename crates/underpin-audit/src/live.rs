//! Listening as a console does: a web socket, and what came in on it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _, stream::SplitSink};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::Notify,
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest as _, http::HeaderValue},
};

use crate::{Error, Person, Result};

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Longest that a socket may take to open.
const OPEN_MAX: Duration = Duration::from_secs(5);
/// Longest wait for the answer to a frame.
const REPLY_MAX: Duration = Duration::from_secs(5);
/// Frames that are kept; a check that brings more about listens for something else.
const FRAMES_MAX: usize = 10_000;
/// What a connection that broke off without a word is counted as.
const BROKEN: u16 = 1006;

/// A frame, and when it came.
#[derive(Debug, Clone)]
pub struct Heard {
    /// When.
    pub at: Instant,
    /// What.
    pub frame: Value,
}

/// A connection to a tenant's rooms. Closed when dropped.
#[derive(Debug)]
pub struct Socket {
    sink: SplitSink<Stream, Message>,
    inbox: Arc<Inbox>,
    reader: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Inbox {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    heard: Vec<Heard>,
    closed: Option<(Instant, u16)>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Socket {
    /// Connect a person to a tenant's rooms at the address where the person asks.
    pub async fn open(by: &Person, slug: &str) -> Result<Self> {
        match Self::try_open(by, slug).await? {
            Ok(socket) => Ok(socket),
            Err(status) => Err(Error::Answer {
                what: format!("a socket of tenant {slug} as {}", by.role),
                status: status.as_u16(),
                body: String::new(),
            }),
        }
    }

    /// The same, where a refusal is an answer: its status.
    pub async fn try_open(by: &Person, slug: &str) -> Result<Result<Self, StatusCode>> {
        let url = format!("{}/v1/t/{slug}/live", by.base()).replacen("http", "ws", 1);
        let failed = |source: tungstenite::Error| Error::Socket {
            what: format!("to {url} does not open"),
            source: Box::new(source),
        };
        let mut request = url.as_str().into_client_request().map_err(failed)?;
        let bearer = HeaderValue::from_str(&format!("Bearer {}", by.token().expose()));
        if let Ok(bearer) = bearer {
            request.headers_mut().insert("authorization", bearer);
        }
        let opened = timeout_at(Instant::now() + OPEN_MAX, connect_async(request)).await;
        let stream = match opened.map_err(|_| Error::Late(format!("a socket to {url}")))? {
            Ok((stream, _)) => stream,
            Err(tungstenite::Error::Http(response)) => return Ok(Err(response.status())),
            Err(error) => return Err(failed(error)),
        };
        let (sink, mut frames) = stream.split();
        let inbox = Arc::new(Inbox::default());
        let into = Arc::clone(&inbox);
        let reader = tokio::spawn(async move {
            while let Some(message) = frames.next().await {
                if !into.take(message) {
                    break;
                }
            }
            into.close(BROKEN);
        });
        Ok(Ok(Self { sink, inbox, reader }))
    }

    /// Say something.
    pub async fn say(&mut self, frame: &Value) -> Result<()> {
        let sent = self.sink.send(Message::text(frame.to_string())).await;
        let what = "broke".to_owned();
        sent.map_err(|source| Error::Socket { what, source: Box::new(source) })
    }

    /// Ask to join a room; gives the answer, `joined` or `refused`.
    pub async fn ask_to_join(&mut self, room: &str) -> Result<Value> {
        let from = self.heard().len();
        self.say(&json!({ "op": "join", "room": room })).await?;
        let answer = self.wait(REPLY_MAX, |heard| {
            let answers = |op: &Value| op == "joined" || op == "refused";
            let mut new = heard.iter().skip(from).map(|heard| &heard.frame);
            new.find(|frame| answers(&frame["op"]) && frame["room"] == room).cloned()
        });
        answer.await.ok_or_else(|| Error::Late(format!("an answer to joining {room}")))
    }

    /// Join a room.
    pub async fn join(&mut self, room: &str) -> Result<()> {
        let answer = self.ask_to_join(room).await?;
        if answer["op"] == "joined" {
            return Ok(());
        }
        Err(Error::Lacking { what: answer.to_string(), field: format!("the room {room}") })
    }

    /// Everything that was heard so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.inbox.lock().heard.clone()
    }

    /// The events among it.
    pub fn events(&self) -> Vec<Heard> {
        let mut heard = self.heard();
        heard.retain(|heard| heard.frame["op"] == "event");
        heard
    }

    /// Wait until `look` finds something among what was heard.
    pub async fn wait<T>(
        &self,
        limit: Duration,
        look: impl Fn(&[Heard]) -> Option<T>,
    ) -> Option<T> {
        let found = self.look_until(limit, |state| {
            look(&state.heard).map(Some).or_else(|| {
                // Nothing comes on a closed socket.
                state.closed.is_some().then_some(None)
            })
        });
        found.await.flatten()
    }

    /// Wait until the other side closes; gives when, and the code.
    pub async fn closed(&self, limit: Duration) -> Option<(Instant, u16)> {
        self.look_until(limit, |state| state.closed).await
    }

    /// Wait until the person is out of a room that they were in: told so, or by the end of the socket.
    pub async fn out(&self, limit: Duration) -> Option<Instant> {
        self.look_until(limit, |state| {
            let left = state.heard.iter().find(|heard| heard.frame["op"] == "left");
            left.map(|heard| heard.at).or_else(|| state.closed.map(|(at, _)| at))
        })
        .await
    }

    async fn look_until<T>(
        &self,
        limit: Duration,
        look: impl Fn(&State) -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + limit;
        loop {
            let changed = self.inbox.changed.notified();
            if let Some(found) = look(&self.inbox.lock()) {
                return Some(found);
            }
            timeout_at(deadline, changed).await.ok()?;
        }
    }
}

impl Inbox {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keep a message; false at the end.
    fn take(&self, message: Result<Message, tungstenite::Error>) -> bool {
        match message {
            Ok(Message::Text(text)) => {
                let frame = serde_json::from_str(&text).unwrap_or(Value::Null);
                let mut state = self.lock();
                if state.heard.len() < FRAMES_MAX {
                    state.heard.push(Heard { at: Instant::now(), frame });
                }
                drop(state);
                self.changed.notify_waiters();
                true
            }
            Ok(Message::Close(close)) => {
                self.close(close.map_or(1005, |close| close.code.into()));
                false
            }
            Ok(_) => true,
            Err(_) => false,
        }
    }

    fn close(&self, code: u16) {
        self.lock().closed.get_or_insert((Instant::now(), code));
        self.changed.notify_waiters();
    }
}
