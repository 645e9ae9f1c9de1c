//! Bounds: of a process, of a person, of a connection, and of what waits for a reader.

use std::sync::Arc;

use underpin_db::Settings;
use underpin_log::{Audience, Log, Position, Topic};
use underpin_realtime::{Error, Frame, Holder, Hub, Limits};
use underpin_testkit::until;
use uuid::Uuid;

use crate::stage::{Reader, Stage, connect, event, staff, tell};

fn holder() -> Holder {
    Holder { session: Uuid::now_v7(), principal: staff() }
}

#[tokio::test]
async fn connections_are_bounded_for_the_process_and_for_each_person() {
    let stage = Stage::new().await;
    let limits = Limits { connections_max: 3, person_connections_max: 2, ..Limits::default() };
    let hub = stage.hub_with(&stage.process(), limits);
    let one = holder();
    let first = hub.connect(one).unwrap();
    let _second = hub.connect(Holder { session: Uuid::now_v7(), ..one }).unwrap();
    assert!(matches!(hub.connect(one), Err(Error::TooMany)));
    let _third = hub.connect(holder()).unwrap();
    assert!(matches!(hub.connect(holder()), Err(Error::Full)));
    drop(first);
    hub.connect(one).unwrap();
}

#[tokio::test]
async fn rooms_of_a_connection_are_bounded() {
    let stage = Stage::new().await;
    let hub = stage.hub_with(&stage.process(), Limits { rooms_max: 2, ..Limits::default() });
    let mut connection = connect(&hub, staff());
    let topics = ["one", "two", "three"].map(Topic::named);
    for topic in &topics[..2] {
        connection.join(topic.clone(), None).await.unwrap();
    }
    let refused = connection.join(topics[2].clone(), None).await;
    assert!(matches!(refused, Err(Error::TooManyRooms)), "{refused:?}");
    connection.join(topics[1].clone(), None).await.unwrap();
    assert!(connection.leave(&topics[0]));
    connection.join(topics[2].clone(), None).await.unwrap();
    assert_eq!(hub.figures().rooms, 2);
}

#[tokio::test]
async fn a_hub_that_nobody_runs_takes_nobody() {
    let db = underpin_db::Db::new(Settings::new("postgres://nowhere/x", "postgres://nowhere/x"));
    let db = db.unwrap();
    let guard = crate::stage::Commanded::default();
    let hub = Hub::new(Log::new(db.clone()), db.wakes().clone(), guard, Limits::default());
    assert!(matches!(hub.connect(holder()), Err(Error::Closed)));
}

#[tokio::test]
async fn a_reader_that_takes_nothing_costs_its_outbox_and_delays_nobody() {
    const LAST: i64 = 200;
    let stage = Stage::new().await;
    let (writer, busy, quiet) = (staff(), Topic::named("busy"), Topic::named("quiet"));
    let limits = Limits { outbox_bytes_max: 8 * 1024, ..Limits::default() };
    let hub = stage.hub_with(&stage.process(), limits);
    let mut slow = Reader::join(&hub, writer, &busy, None).await;
    slow.connection.join(quiet.clone(), None).await.unwrap();
    let mut healthy = Reader::join(&hub, writer, &busy, None).await;
    stage.tell(writer, &quiet, 1..2).await;
    stage.placed(writer, &quiet, 1).await;
    let filler = "x".repeat(1_000);
    for number in 1..=LAST {
        let told = [event(&busy, Audience::Tenant, number, &filler)];
        tell(&stage.db.db, writer, &told).await;
        // The other one has it before the next is told, whatever the slow one does.
        assert_eq!(healthy.number().await, number);
    }
    assert!(hub.figures().overflows > 20, "{:?}", hub.figures());
    // It wakes up: of each room at most a resync, and then what came after it.
    let (mut last, mut rooms) = (0, Vec::new());
    while last < LAST {
        match slow.frame().await.unwrap() {
            Frame::Resync(topic, position) => {
                assert!(!rooms.contains(&topic), "{topic} twice");
                if topic == busy {
                    assert!(last == 0 && position.seq < LAST + 1);
                    last = position.seq;
                }
                rooms.push(topic);
            }
            frame @ Frame::Event(_) => {
                assert_eq!(frame.position().seq, last + 1);
                last += 1;
            }
        }
    }
    rooms.sort();
    assert_eq!(rooms, [busy, quiet], "the quiet room's entry was dropped too, so it says so");
}

#[tokio::test]
async fn one_frame_may_always_wait_and_what_is_too_large_to_send_says_fetch() {
    let stage = Stage::new().await;
    let (writer, topic) = (staff(), Topic::named("funds"));
    let limits = Limits { outbox_bytes_max: 1_024, ..Limits::default() };
    let hub = stage.hub_with(&stage.process(), limits);
    let mut reader = Reader::join(&hub, writer, &topic, None).await;
    let told = async |number: i64, bytes: usize| {
        let filler = "x".repeat(bytes);
        tell(&stage.db.db, writer, &[event(&topic, Audience::Tenant, number, &filler)]).await;
    };
    for number in 1..4 {
        told(number, 15_000).await;
        assert_eq!(reader.number().await, number);
    }
    assert_eq!(hub.figures().overflows, 0);
    told(4, 60_000).await;
    let place = reader.resync().await;
    assert_eq!(place.seq, 4);
    told(5, 10).await;
    assert_eq!(reader.number().await, 5);
    // Whoever comes later finds the same in its history.
    let before = Position { seq: 2, ..place };
    let mut later = Reader::join(&hub, writer, &topic, Some(before)).await;
    assert_eq!(later.number().await, 3);
    assert_eq!(later.resync().await, place);
    assert_eq!(later.number().await, 5);
}

#[tokio::test]
async fn a_frame_is_made_once_for_all_readers() {
    let stage = Stage::new().await;
    let (writer, topic) = (staff(), Topic::named("funds"));
    let hub = stage.hub();
    let mut readers = Vec::new();
    for _ in 0..3 {
        readers.push(Reader::join(&hub, writer, &topic, None).await);
    }
    stage.tell(writer, &topic, 1..2).await;
    let mut frames = Vec::new();
    for reader in &mut readers {
        let Ok(Frame::Event(event)) = reader.frame().await else { panic!("no event") };
        frames.push(event);
    }
    assert!(frames.iter().all(|event| Arc::ptr_eq(event, &frames[0])));
    drop(readers);
    until("the hub keeps none of them", async || {
        (Arc::strong_count(&frames[0]) == frames.len()).then_some(())
    })
    .await;
}
