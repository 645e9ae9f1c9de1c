//! What sockets and streams say in the log long after their request.

use underpin_base::Trace;
use underpin_log::{Audience, Log, Position, Topic};
use underpin_testkit::until;

use super::{
    client::{Served, open},
    join,
};
use crate::{
    stage::{Stage, With as _, get},
    telemetry::Kept,
};

/// More than a page of history.
const TOLD: i64 = 100;

#[tokio::test]
async fn a_line_of_a_socket_has_the_trace_and_the_tenant_of_its_handshake() {
    let log = Kept::default();
    let _log = log.begin();
    let stage = Stage::new().await;
    let served = Served::start(&stage.router, &stage.stop);
    let bearer = format!("Bearer {}", stage.token("cyd").await);
    let tenant = stage.principal("north", "cyd").await.tenant.to_string();
    let given = Trace::new();
    let traceparent = given.to_string();
    let headers = [("authorization", bearer.as_str()), ("traceparent", traceparent.as_str())];
    let mut client = open(&served, "/v1/t/north/live", &headers).await.ok().unwrap();
    stage.db.db.close();
    client.say(join("news").to_string()).await;
    assert_eq!(client.closed().await.1, "unavailable");
    for message in ["a room could not be joined", "a socket is closed"] {
        let line = until(message, async || log.of(message).pop()).await;
        assert_eq!(line["trace_id"], given.trace_id(), "{line}");
        assert_eq!(line["tenant"], tenant, "{line}");
        assert_eq!(line["route"], "/v1/t/{tenant}/live", "{line}");
        assert!(line["request_id"].is_string(), "{line}");
    }
}

#[tokio::test]
async fn a_line_of_a_stream_has_the_trace_and_the_tenant_of_its_request() {
    let log = Kept::default();
    let _log = log.begin();
    let stage = Stage::new().await;
    stage.sequence();
    let (token, cyd) = (stage.token("cyd").await, stage.principal("north", "cyd").await);
    for number in 1..=TOLD {
        stage.tell(cyd, Audience::Staff, number).await;
    }
    let given = Trace::new();
    let (log_of_topics, news) = (Log::new(stage.db.db.clone()), Topic::named("news"));
    let head = until("all have their places", async || {
        let head = log_of_topics.head(cyd, &news).await.unwrap();
        (head.seq == TOLD).then_some(head)
    })
    .await;
    let first = Position { seq: 1, ..head }.to_string();
    let request = get("/v1/t/north/events?room=news").bearer(&token);
    let request = request.with("traceparent", &given.to_string()).with("last-event-id", &first);
    let stream = stage.open(request).await;
    assert_eq!(stream.status(), 200);
    // Its first page was read with the question, the next one is when somebody takes it.
    stage.db.db.close();
    http_body_util::BodyExt::collect(stream.into_body()).await.unwrap();
    let line = log.of("a stream lost the log").pop().unwrap();
    assert_eq!(line["trace_id"], given.trace_id(), "{line}");
    assert_eq!(line["tenant"], cyd.tenant.to_string(), "{line}");
}
