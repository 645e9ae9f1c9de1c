//! A topic of the log as server-sent events.
#![expect(unused_qualifications, reason = "what utoipa generates names its types in full")]

use std::{collections::VecDeque, convert::Infallible};

use axum::{
    body::Body,
    extract::{FromRequestParts, State},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use tokio::time::{Interval, MissedTickBehavior, interval};
use underpin_log::{Position, Topic};
use underpin_realtime::{Connection, Frame, History, Life};
use utoipa::IntoParams;

use crate::{
    Api, Code, Problem, Query, Tenant,
    live::{self, Origin},
};

/// A comment: it shows that the stream lives.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// `Last-Event-ID`: where a reader goes on. One that this log cannot have given is refused.
#[derive(Debug, Clone, Copy)]
pub struct LastEventId(
    /// The place, if the reader has one.
    pub Option<Position>,
);

impl FromRequestParts<Api> for LastEventId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        last_event_id(&parts.headers).map(Self)
    }
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    let Some(value) = headers.get("last-event-id").filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let position = value.to_str().ok().and_then(|text| text.parse().ok());
    let bad = || Problem::new(Code::Malformed).detail("Last-Event-ID is <epoch>-<seq>");
    position.map(Some).ok_or_else(bad)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// `tenant`, `funds`, `fund/<id>` ….
    room: String,
}

/// One room as server-sent events, for whoever has no web socket.
#[utoipa::path(get, path = "/v1/t/{tenant}/events", operation_id = "get_events", tag = "live",
    params(("tenant" = String, Path), Which, ("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = 429)))]
pub(crate) async fn get_events(
    State(api): State<Api>,
    tenant: Tenant,
    Query(Which { room }): Query<Which>,
    last: LastEventId,
) -> Result<Response, Problem> {
    let topic = api.rooms.enter(&api, &tenant, &room).await?;
    events_response(&api, &tenant, topic, last).await
}

/// Follow a topic for a member of a tenant, who was found to be allowed to.
///
/// Keeps: a reader that names its place gets everything after it or `resync`; one that names none gets `resync` first,
/// because what happened before it came cannot be known. The stream ends within a second of the session, the membership
/// or its role, and when the process drains; when the log fails: the reader comes back with its place. Of the topic the
/// member gets what is for them.
/// Errors: `unavailable` when the process has as many streams as it may, `rate_limited` when the person has.
pub async fn events_response(
    api: &Api,
    tenant: &Tenant,
    topic: Topic,
    LastEventId(after): LastEventId,
) -> Result<Response, Problem> {
    let mut connection = live::connect(api, tenant)?;
    let joined = connection.join(topic.clone(), after).await?;
    let mut beat = interval(api.settings.stream_beat);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat.reset();
    let first =
        if joined.resumed { COMMENT } else { Frame::Resync(topic, joined.position).server_sent() };
    let stream = Stream {
        life: connection.life(),
        connection,
        origin: Origin::of(tenant),
        history: joined.history,
        ready: VecDeque::from([first]),
        beat,
    };
    let frames = stream::unfold(stream, |mut stream| async move {
        let frame = stream.next().await?;
        Some((Ok::<_, Infallible>(frame), stream))
    });
    let mut response = Body::from_stream(frames).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// One reader. History is read when the socket takes it; what comes new waits in the connection's outbox.
struct Stream {
    life: Life,
    connection: Connection,
    origin: Origin,
    history: Option<History>,
    ready: VecDeque<Bytes>,
    beat: Interval,
}

impl Stream {
    async fn next(&mut self) -> Option<Bytes> {
        let life = self.life.clone();
        tokio::select! {
            // First: a reader who may not go on gets nothing more, however much is ready.
            biased;
            _ = life.over() => None,
            frame = self.frame() => frame,
        }
    }

    async fn frame(&mut self) -> Option<Bytes> {
        while self.ready.is_empty()
            && let Some(history) = &mut self.history
        {
            match self.connection.go_on(history).await {
                Ok(Some(frames)) => self.ready.extend(frames.iter().map(Frame::server_sent)),
                Ok(None) => self.history = None,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    let span = self.origin.span("/v1/t/{tenant}/events");
                    span.in_scope(|| tracing::warn!(error, "a stream lost the log"));
                    return None;
                }
            }
        }
        if let Some(frame) = self.ready.pop_front() {
            return Some(frame);
        }
        tokio::select! {
            frame = self.connection.next() => frame.ok().map(|frame| frame.server_sent()),
            _ = self.beat.tick() => Some(COMMENT),
        }
    }
}
