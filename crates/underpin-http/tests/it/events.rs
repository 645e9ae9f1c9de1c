//! Streams of events.

use std::time::Duration;

use axum::{body::Body, http::Request, response::Response};
use http_body_util::BodyExt as _;
use underpin_base::Role;
use underpin_http::ApiSettings;
use underpin_log::Audience;

use crate::stage::{Stage, With as _, get};

const PATH: &str = "/v1/t/north/test/news";

/// A reader of a stream, one frame at a time.
struct Reader {
    body: Body,
}

#[derive(Debug, PartialEq)]
struct Frame {
    id: String,
    event: String,
    data: String,
}

impl Reader {
    fn new(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body() }
    }

    /// The text of the next frame, comments included; none at the end.
    async fn raw(&mut self) -> Option<String> {
        let frame = tokio::time::timeout(Duration::from_mins(2), self.body.frame());
        let frame = frame.await.expect("a frame in time")?;
        Some(String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
    }

    async fn next(&mut self) -> Option<Frame> {
        loop {
            let text = self.raw().await?;
            let line = |name: &str| {
                let mut lines = text.lines();
                lines.find_map(|line| line.strip_prefix(name)).map(str::to_owned)
            };
            if let (Some(id), Some(event), Some(data)) =
                (line("id: "), line("event: "), line("data: "))
            {
                return Some(Frame { id, event, data });
            }
            assert_eq!(text, ":\n\n", "a comment");
        }
    }

    async fn number(&mut self) -> String {
        self.next().await.expect("the stream goes on").data
    }
}

async fn open(stage: &Stage, request: Request<Body>) -> Reader {
    Reader::new(stage.open(request).await)
}

#[tokio::test]
async fn a_reader_gets_what_happens_and_goes_on_where_it_stopped() {
    let stage = Stage::new().await;
    stage.sequence();
    let token = stage.token("cyd").await;
    let cyd = stage.principal("north", "cyd").await;
    let mut reader = open(&stage, get(PATH).bearer(&token)).await;
    let first = reader.next().await.unwrap();
    assert_eq!((first.event.as_str(), first.data.as_str()), ("resync", "{}"));
    for number in 1..=3 {
        stage.tell(cyd, Audience::Staff, number).await;
    }
    let one = reader.next().await.unwrap();
    assert_eq!((one.event.as_str(), one.data.as_str()), ("news.told", "{\"number\":1}"));
    assert_eq!(reader.number().await, "{\"number\":2}");
    drop(reader);
    let mut again = open(&stage, get(PATH).bearer(&token).with("last-event-id", &one.id)).await;
    assert_eq!(again.number().await, "{\"number\":2}");
    assert_eq!(again.number().await, "{\"number\":3}");
    // A place that this topic never had is answered with resync, and the reader goes on.
    let mut lost = open(&stage, get(PATH).bearer(&token).with("last-event-id", "99-7")).await;
    assert_eq!(lost.next().await.unwrap().event, "resync");
    stage.tell(cyd, Audience::Staff, 4).await;
    assert_eq!(lost.number().await, "{\"number\":4}");
}

#[tokio::test]
async fn a_reader_sees_only_what_is_for_them() {
    let stage = Stage::new().await;
    stage.sequence();
    let ada = stage.principal("north", "ada").await;
    let ivy = stage.principal("north", "ivy").await;
    let token = stage.token("ivy").await;
    let mut reader = open(&stage, get(PATH).bearer(&token)).await;
    reader.next().await.unwrap();
    stage.tell(ada, Audience::Staff, 1).await;
    stage.tell(ada, Audience::Tenant, 2).await;
    stage.tell(ada, Audience::User(ada.subject), 3).await;
    stage.tell(ada, Audience::User(ivy.subject), 4).await;
    assert_eq!(reader.number().await, "{\"number\":2}");
    assert_eq!(reader.number().await, "{\"number\":4}");
    // Another tenant's topic of the same name is another topic.
    let sue = stage.token("sue").await;
    let foreign = stage.ask(get(PATH).bearer(&sue)).await;
    assert_eq!(foreign.code(), "not_found");
}

#[tokio::test]
async fn a_stream_ends_when_its_session_or_role_does() {
    let beat = Duration::from_millis(50);
    let stage = Stage::with(ApiSettings { stream_beat: beat, ..ApiSettings::default() }).await;
    let ada = stage.principal("north", "ada").await;
    for ends in ["session", "role"] {
        let token = stage.token("cyd").await;
        let cyd = stage.principal("north", "cyd").await;
        let mut reader = open(&stage, get(PATH).bearer(&token)).await;
        assert!(reader.raw().await.unwrap().contains("resync"));
        assert_eq!(reader.raw().await.unwrap(), ":\n\n", "a beat");
        let identity = &stage.api.identity;
        if ends == "session" {
            identity.sign_out_everywhere(cyd.subject).await.unwrap();
        } else {
            identity.set_role(ada, cyd.subject, Role::Investor).await.unwrap();
        }
        while let Some(frame) = reader.raw().await {
            assert_eq!(frame, ":\n\n", "{ends}");
        }
    }
}

#[tokio::test]
async fn streams_are_bounded_and_end_at_the_drain() {
    let stage = Stage::with(ApiSettings { streams_max: 1, ..ApiSettings::default() }).await;
    let token = stage.token("cyd").await;
    let mut reader = open(&stage, get(PATH).bearer(&token)).await;
    let refused = stage.ask(get(PATH).bearer(&token)).await;
    assert_eq!(refused.code(), "unavailable");
    reader.next().await.unwrap();
    stage.stop.cancel();
    assert_eq!(reader.next().await, None);
    drop(reader);
}

#[tokio::test]
async fn a_place_that_is_none_is_malformed() {
    let stage = Stage::new().await;
    let token = stage.token("cyd").await;
    for place in ["x", "1", "1-", "-1-1", "1-1-1", "99999999999999999999-1", "\u{e9}"] {
        let answer = stage.ask(get(PATH).bearer(&token).with("last-event-id", place)).await;
        assert_eq!(answer.code(), "malformed", "{place}");
    }
}
