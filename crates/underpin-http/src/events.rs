//! A topic of the log as server-sent events.

use std::convert::Infallible;

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Interval, MissedTickBehavior, interval},
};
use underpin_log::{Entry, Follower, Item, Position, Topic};

use crate::{Api, Code, Problem, Tenant};

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

/// Follow a topic for a member of a tenant.
///
/// Keeps: a reader that names its place gets everything after it or `resync`; one that names none gets `resync` first,
/// because what happened before it came cannot be known. Each beat (15 s) sends a comment and asks whether the session
/// goes on and the role is the same; the stream ends when not, when the process drains, or when the log fails: the
/// reader comes back with its place. Policies decide what of the topic the member sees.
/// Errors: `unavailable` when the process has as many streams as it may.
pub async fn events_response(
    api: &Api,
    tenant: &Tenant,
    topic: Topic,
    LastEventId(after): LastEventId,
) -> Result<Response, Problem> {
    let place = std::sync::Arc::clone(&api.shared.streams).try_acquire_owned();
    let place = place.map_err(|_| Problem::new(Code::Unavailable).detail("too many streams"))?;
    let follower = api.log.follow(tenant.principal, topic, after).await?;
    let mut beat = interval(api.settings.stream_beat);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat.reset();
    let first = match after {
        None => frame_resync(follower.position()),
        Some(_) => Bytes::from_static(b":\n\n"),
    };
    let stream = Stream {
        api: api.clone(),
        tenant: tenant.clone(),
        follower,
        beat,
        first: Some(first),
        _place: place,
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

/// One reader. Frames are made when the socket takes them, so a slow reader costs one frame.
struct Stream {
    api: Api,
    tenant: Tenant,
    follower: Follower,
    beat: Interval,
    first: Option<Bytes>,
    _place: OwnedSemaphorePermit,
}

impl Stream {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        tokio::select! {
            // The beat first: a reader who may not go on gets nothing more, however much is ready.
            biased;
            () = self.api.stop.cancelled() => None,
            _ = self.beat.tick() => self.may_go_on().await.then(|| Bytes::from_static(b":\n\n")),
            item = self.follower.next(&self.api.stop) => match item {
                Ok(item) => item.map(|item| frame(&item)),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a stream lost the log");
                    None
                }
            },
        }
    }

    async fn may_go_on(&self) -> bool {
        let Tenant { principal, session, .. } = &self.tenant;
        match self.api.identity.may_go_on(session.id, *principal).await {
            Ok(may) => may,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a stream lost its session"
                );
                false
            }
        }
    }
}

fn frame(item: &Item) -> Bytes {
    match item {
        Item::Entry(Entry { position, kind, payload, .. }) => {
            format!("id: {position}\nevent: {kind}\ndata: {payload}\n\n").into()
        }
        Item::Resync(position) => frame_resync(*position),
    }
}

fn frame_resync(position: Position) -> Bytes {
    format!("id: {position}\nevent: resync\ndata: {{}}\n\n").into()
}
