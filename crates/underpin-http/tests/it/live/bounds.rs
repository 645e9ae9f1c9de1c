//! What a client may not do, and what the end of a process does.

use std::time::Duration;

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use underpin_http::ApiSettings;
use underpin_log::{Audience, NewEvent, Topic, emit};
use underpin_testkit::until;

use super::{
    client::{Client, Served, open},
    join,
};
use crate::stage::Stage;

#[tokio::test]
async fn what_is_no_message_of_the_protocol_closes_the_socket() {
    let stage = Stage::new().await;
    let served = Served::start(&stage.router, &stage.stop);
    let token = stage.token("cyd").await;
    let long = format!(r#"{{"op":"join","room":"{}"}}"#, "x".repeat(5_000));
    let malformed = (1008, "malformed");
    let cases: [(Message, (u16, &str)); 9] = [
        ("".into(), malformed),
        ("{".into(), malformed),
        ("null".into(), malformed),
        (r#"{"op":"publish","room":"news"}"#.into(), malformed),
        (r#"{"op":"join","room":"news","after":"7"}"#.into(), malformed),
        ("[".repeat(4_000).into(), malformed),
        (Message::binary(vec![1, 2, 3]), (1003, "binary")),
        (long.into(), (1009, "too_large")),
        ("x".repeat(20_000).into(), (1002, "protocol")),
    ];
    for (message, (code, reason)) in cases {
        let mut client = Client::joined(&served, "north", &token, "news").await;
        client.say(message.clone()).await;
        assert_eq!(client.closed().await, (code, reason.to_owned()), "{message:?}");
    }
    let mut client = Client::joined(&served, "north", &token, "news").await;
    client.say(Message::Close(None)).await;
    until("the place is free again", async || {
        (stage.api.live.figures().connections == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_flood_closes_the_socket_and_a_full_page_of_rooms_does_not() {
    let stage = Stage::new().await;
    let served = Served::start(&stage.router, &stage.stop);
    let token = stage.token("cyd").await;
    let mut client = Client::connect(&served, "north", &token).await;
    for _ in 0..100 {
        assert_eq!(client.ask(&join("nothing")).await["code"], "not_found");
    }
    for _ in 0..300 {
        client.say(r#"{"op":"ping"}"#).await;
    }
    assert_eq!(client.closed().await, (1008, "rate_limited".to_owned()));
}

#[tokio::test]
async fn sockets_of_a_person_and_of_the_process_are_bounded() {
    let settings = ApiSettings { streams_max: 3, person_streams_max: 2, ..ApiSettings::default() };
    let stage = Stage::with(settings).await;
    let served = Served::start(&stage.router, &stage.stop);
    let cyd = format!("Bearer {}", stage.token("cyd").await);
    let bob = format!("Bearer {}", stage.token("bob").await);
    let again =
        async |bearer: &str| open(&served, "/v1/t/north/live", &[("authorization", bearer)]).await;
    let _first = again(&cyd).await.ok().unwrap();
    let second = again(&cyd).await.ok().unwrap();
    assert_eq!(again(&cyd).await.err().unwrap().0, 429);
    let _third = again(&bob).await.ok().unwrap();
    assert_eq!(again(&bob).await.err().unwrap().0, 503);
    drop(second);
    until("there is a place again", async || again(&cyd).await.ok()).await;
}

#[tokio::test]
async fn a_client_that_answers_nothing_is_cut_off() {
    // Long enough for the living one to be heard within it, even by a process that was held up.
    let beat = Duration::from_secs(2);
    let stage = Stage::with(ApiSettings { stream_beat: beat, ..ApiSettings::default() }).await;
    let served = Served::start(&stage.router, &stage.stop);
    let token = stage.token("cyd").await;
    let dead = Client::joined(&served, "north", &token, "news").await;
    let mut alive = Client::joined(&served, "north", &token, "news").await;
    let figures = || stage.api.live.figures();
    assert_eq!(figures().connections, 2);
    let reads = async {
        // Reading answers the pings.
        alive.next().await
    };
    tokio::select! {
        frame = reads => panic!("{frame}"),
        () = until("one is left", async || (figures().connections == 1).then_some(())) => {}
    }
    drop(dead);
    assert_eq!(alive.ask(&json!({ "op": "ping" })).await["op"], "pong");
}

#[tokio::test]
async fn a_slow_reader_is_told_to_fetch_and_delays_nobody() {
    const LAST: i64 = 480;
    /// Events of one commit: together they fit into an outbox.
    const AT_ONCE: i64 = 4;
    let stage = Stage::new().await;
    stage.sequence();
    let served = Served::start(&stage.router, &stage.stop);
    let token = stage.token("cyd").await;
    let cyd = stage.principal("north", "cyd").await;
    let mut slow = Client::joined(&served, "north", &token, "news").await;
    let mut healthy = Client::joined(&served, "north", &token, "news").await;
    let filler = "x".repeat(15_000);
    let event = |number: i64| NewEvent {
        topic: Topic::named("news"),
        entity: cyd.tenant.uuid(),
        version: number,
        kind: "news.told",
        schema_version: 1,
        audience: Audience::Staff,
        payload: json!({ "number": number, "filler": filler }),
    };
    for first in (1..=LAST).step_by(AT_ONCE as usize) {
        let (at, events) = (stage.api.now(), (first..first + AT_ONCE).map(event));
        let events = &events.collect::<Vec<_>>();
        let told =
            stage.db.db.transact(cyd, |tx, _| Box::pin(async move { emit(tx, at, events).await }));
        told.await.unwrap();
        for number in first..first + AT_ONCE {
            assert_eq!(healthy.number().await, number, "it has each before more are told");
        }
    }
    assert!(stage.api.live.figures().overflows > 0);
    let (mut last, mut resyncs) = (0, 0);
    while last < LAST {
        let frame = slow.next().await;
        let seq = frame["id"].as_str().unwrap().split_once('-').unwrap().1.parse().unwrap();
        if frame["op"] == "resync" {
            resyncs += 1;
            assert!(seq > last);
        } else {
            assert_eq!(seq, last + 1);
        }
        last = seq;
    }
    assert!(resyncs > 0);
}

#[tokio::test]
async fn the_end_of_a_process_closes_its_sockets_and_waits_for_them() {
    let stage = Stage::new().await;
    let served = Served::start(&stage.router, &stage.stop);
    let token = stage.token("cyd").await;
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(Client::joined(&served, "north", &token, "news").await);
    }
    stage.stop.cancel();
    for client in &mut clients {
        assert_eq!(client.closed().await, (1012, "restart".to_owned()));
    }
    served.task.await.unwrap().unwrap();
    drop(clients);
    until("every place is free", async || {
        (stage.api.live.figures().connections == 0).then_some(())
    })
    .await;
}
