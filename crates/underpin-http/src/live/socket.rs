//! One web socket, from the handshake to its close.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tracing::Instrument as _;
use underpin_log::Position;
use underpin_realtime::{Connection, Joined};

use super::{
    Origin,
    allowance::Allowance,
    protocol::{Answer, Close, Said},
};
use crate::{Api, Code, Problem, Tenant};

/// What its lines of the log name as their route.
const ROUTE: &str = "/v1/t/{tenant}/live";
/// Largest message of a client.
const SAID_BYTES_MAX: usize = 4 * 1024;
/// Longest that the other side may take for one message: past it the connection is cut.
const SEND_MAX: Duration = Duration::from_secs(30);
/// Longest wait for the other side's close.
const CLOSE_MAX: Duration = Duration::from_secs(2);

/// A web socket and the rooms behind it. One task; what it does next is to hear, to tell, or to see whether the other side lives.
pub(super) struct Socket {
    wire: WebSocket,
    allowance: Allowance,
    guest: Box<Guest>,
}

/// Who is on the other side, and what serves them.
pub(super) struct Guest {
    pub(super) connection: Connection,
    pub(super) api: Api,
    pub(super) tenant: Tenant,
    /// Of the handshake, for the log.
    pub(super) origin: Origin,
    pub(super) request_id: String,
}

/// Why a socket is over.
enum Over {
    /// It is closed.
    Close(Close),
    /// The other side is gone, or takes nothing.
    Gone,
}

impl Socket {
    /// Thousands of these wait at any time, so the task holds a box, and what is seldom needed lies in another.
    pub(super) fn new(wire: WebSocket, guest: Box<Guest>) -> Box<Self> {
        Box::new(Self { wire, allowance: Allowance::new(Instant::now()), guest })
    }

    /// Talk until one side has enough.
    pub(super) async fn run(mut self: Box<Self>) {
        let life = self.guest.connection.life();
        let over = tokio::select! {
            // First: whoever may not go on gets nothing more, whatever is under way.
            biased;
            why = life.over() => Over::Close(why.into()),
            over = self.talk() => over,
        };
        let Over::Close(close) = over else { return };
        let (code, reason) = close.parts();
        let Guest { origin, request_id, .. } = &*self.guest;
        origin
            .span(ROUTE)
            .in_scope(|| tracing::debug!(code, reason, request_id, "a socket is closed"));
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        let wire = &mut self.wire;
        let goodbye = async {
            // The other side may have closed already: then this is its answer.
            let _ = wire.send(Message::Close(Some(frame))).await;
            while let Some(Ok(_)) = wire.recv().await {}
        };
        let _ = timeout(CLOSE_MAX, goodbye).await;
    }

    async fn talk(&mut self) -> Over {
        let mut beat = interval(self.guest.api.settings.stream_beat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        let mut heard = true;
        loop {
            let done = tokio::select! {
                said = self.wire.recv() => {
                    heard = true;
                    self.hear(said).await
                }
                frame = self.guest.connection.next() => match frame {
                    Ok(frame) => self.send(frame.json()).await,
                    Err(why) => Err(Over::Close(why.into())),
                },
                _ = beat.tick() => {
                    let alive = std::mem::take(&mut heard);
                    if alive { self.put(Message::Ping(Bytes::new())).await } else { Err(Over::Gone) }
                }
            };
            if let Err(over) = done {
                return over;
            }
        }
    }

    async fn hear(&mut self, said: Option<Result<Message, axum::Error>>) -> Result<(), Over> {
        let close = |close| Err(Over::Close(close));
        let message = match said {
            None => return Err(Over::Gone),
            Some(Err(_)) => return close(Close::Protocol),
            Some(Ok(message)) => message,
        };
        if !self.allowance.take(Instant::now()) {
            return close(Close::Flood);
        }
        let text = match &message {
            Message::Text(text) if text.len() > SAID_BYTES_MAX => return close(Close::TooLarge),
            Message::Text(text) => text.as_str(),
            Message::Binary(_) => return close(Close::Binary),
            Message::Close(_) => return close(Close::Finished),
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
        };
        match serde_json::from_str(text) {
            Ok(Said::Join { room, after }) => {
                let span = self.guest.origin.span(ROUTE);
                Box::pin(self.join(&room, after).instrument(span)).await
            }
            Ok(Said::Leave { room }) => self.leave(&room).await,
            Ok(Said::Ping) => self.answer(&Answer::Pong).await,
            Err(_) => close(Close::Malformed),
        }
    }

    async fn join(&mut self, room: &str, after: Option<Position>) -> Result<(), Over> {
        let Guest { connection, api, tenant, .. } = &mut *self.guest;
        let joined = match api.rooms.enter(api, tenant, room).await {
            Ok(topic) => connection.join(topic, after).await.map_err(Problem::from),
            Err(problem) => Err(problem),
        };
        let Joined { position, resumed, history } = match joined {
            Ok(joined) => joined,
            Err(problem) => {
                let code = self.guest.refusal(&problem)?;
                return self.answer(&Answer::Refused { room, code }).await;
            }
        };
        self.answer(&Answer::Joined { room, position: position.to_string(), resumed }).await?;
        if after.is_some() && !resumed {
            return self.answer(&Answer::Resync { room, id: position.to_string() }).await;
        }
        let Some(mut history) = history else { return Ok(()) };
        loop {
            match self.guest.connection.go_on(&mut history).await {
                Ok(None) => return Ok(()),
                Ok(Some(frames)) => {
                    for frame in frames {
                        self.send(frame.json()).await?;
                    }
                }
                Err(error) => {
                    let code = Some(self.guest.refusal(&error.into())?);
                    return self.answer(&Answer::Left { room, code }).await;
                }
            }
        }
    }

    async fn leave(&mut self, room: &str) -> Result<(), Over> {
        if let Ok(topic) = room.parse() {
            self.guest.connection.leave(&topic);
        }
        self.answer(&Answer::Left { room, code: None }).await
    }

    async fn answer(&mut self, answer: &Answer<'_>) -> Result<(), Over> {
        self.send(answer.json().into()).await
    }

    async fn send(&mut self, json: Bytes) -> Result<(), Over> {
        let text = Utf8Bytes::try_from(json).map_err(|_| Over::Gone)?;
        self.put(Message::Text(text)).await
    }

    async fn put(&mut self, message: Message) -> Result<(), Over> {
        match timeout(SEND_MAX, self.wire.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Over::Gone),
        }
    }
}

impl Guest {
    /// The code to refuse a room with. Where a part is away no room would be refused for good, so the socket is closed for a while.
    fn refusal(&self, problem: &Problem) -> Result<&'static str, Over> {
        let (code, request_id) = (problem.code(), &self.request_id);
        if let Some(cause) = problem.cause() {
            tracing::warn!(code = code.as_str(), request_id, cause, "a room could not be joined");
        }
        match code {
            Code::Unavailable => Err(Over::Close(Close::Unavailable)),
            code => Ok(code.as_str()),
        }
    }
}
