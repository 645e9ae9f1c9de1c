//! Joining after a place: nothing is lost, nothing comes twice, or the reader is told to fetch.

use std::time::Duration;

use underpin_log::{Position, Retention, Topic};
use underpin_realtime::Frame;

use crate::stage::{Reader, Stage, connect, number, staff};

#[tokio::test]
async fn a_reader_goes_on_on_another_instance_where_it_stopped() {
    let stage = Stage::new().await;
    let (writer, topic) = (staff(), Topic::named("funds"));
    let (one, two) = (stage.hub(), stage.hub());
    let mut reader = Reader::join(&one, writer, &topic, None).await;
    stage.tell(writer, &topic, 1..6).await;
    assert_eq!(reader.numbers(2).await, [1, 2]);
    let last = reader.frame().await.unwrap();
    drop(reader);
    stage.tell(writer, &topic, 6..300).await;
    stage.placed(writer, &topic, 299).await;
    let mut again = Reader::join(&two, writer, &topic, Some(last.position())).await;
    assert!(again.joined.resumed);
    assert_eq!(again.numbers(296).await, (4..300).collect::<Vec<_>>());
    stage.tell(writer, &topic, 300..301).await;
    assert_eq!(again.number().await, 300, "and from there on");
    // From before the first entry, and from where the room stands.
    let mut all = Reader::join(&two, writer, &topic, Some(Position::START)).await;
    assert_eq!(all.numbers(300).await, (1..301).collect::<Vec<_>>());
    let here = stage.placed(writer, &topic, 300).await;
    let mut none = Reader::join(&two, writer, &topic, Some(here)).await;
    assert!(none.joined.resumed && none.joined.history.is_none());
    stage.tell(writer, &topic, 301..302).await;
    assert_eq!(none.number().await, 301);
}

#[tokio::test]
async fn readers_that_join_while_it_is_told_miss_nothing_and_get_nothing_twice() {
    const LAST: i64 = 400;
    let stage = Stage::new().await;
    let (writer, topic) = (staff(), Topic::named("funds"));
    let hub = stage.hub();
    stage.tell(writer, &topic, 1..20).await;
    let head = stage.placed(writer, &topic, 19).await;
    let telling = async {
        for number in 20..=LAST {
            stage.tell(writer, &topic, number..number + 1).await;
        }
    };
    let joining = async {
        let mut readers = Vec::new();
        for number in 0..60 {
            let after = Position { seq: number % 19, ..head };
            let mut reader = Reader::join(&hub, writer, &topic, Some(after)).await;
            let expected: Vec<_> = (after.seq + 1..after.seq + 12).collect();
            assert_eq!(reader.numbers(11).await, expected, "after {after}");
            readers.push((reader, after.seq + 12));
            // Some leave, so that the room is made anew now and then.
            if number % 7 == 0 {
                readers.clear();
            }
        }
        readers
    };
    let ((), readers) = tokio::join!(telling, joining);
    for (mut reader, next) in readers {
        let left = (LAST - next + 1) as usize;
        assert_eq!(reader.numbers(left).await, (next..=LAST).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_place_that_cannot_be_gone_on_from_is_answered_with_where_to_begin() {
    let stage = Stage::new().await;
    let (writer, topic) = (staff(), Topic::named("funds"));
    let hub = stage.hub();
    stage.tell(writer, &topic, 1..6).await;
    let head = stage.placed(writer, &topic, 5).await;
    let ahead = Position { seq: 6, ..head };
    let other = Position { epoch: head.epoch + 1, ..head };
    for wrong in [ahead, other] {
        let mut reader = Reader::join(&hub, writer, &topic, Some(wrong)).await;
        assert_eq!((reader.joined.resumed, reader.joined.position), (false, head), "{wrong}");
        let number = head.seq + 1;
        stage.tell(writer, &Topic::named("other"), number..number + 1).await;
        reader.connection.leave(&topic);
    }
    stage.db.advance(Duration::from_hours(40 * 24)).await;
    Retention::default().run(&stage.db.db).await.unwrap();
    let mut reader = Reader::join(&hub, writer, &topic, Some(head)).await;
    assert_eq!((reader.joined.resumed, reader.joined.position), (false, Position::START));
    // The topic begins anew, and the reader is there.
    stage.tell(writer, &topic, 6..8).await;
    assert_eq!(reader.numbers(2).await, [6, 7]);
}

#[tokio::test]
async fn a_room_whose_topic_is_forgotten_says_so_to_its_readers() {
    let stage = Stage::new().await;
    let (writer, topic) = (staff(), Topic::named("funds"));
    let hub = stage.hub();
    let mut reader = Reader::join(&hub, writer, &topic, None).await;
    stage.tell(writer, &topic, 1..2).await;
    assert_eq!(reader.number().await, 1);
    stage.db.advance(Duration::from_hours(40 * 24)).await;
    Retention::default().run(&stage.db.db).await.unwrap();
    assert_eq!(reader.resync().await, Position::START);
    stage.tell(writer, &topic, 2..3).await;
    assert_eq!(reader.number().await, 2);
}

#[tokio::test]
async fn who_missed_very_much_is_told_to_fetch() {
    let stage = Stage::new().await;
    let (writer, topic) = (staff(), Topic::named("funds"));
    let hub = stage.hub();
    stage.tell(writer, &topic, 1..2_500).await;
    let head = stage.placed(writer, &topic, 2_499).await;
    let mut reader = Reader::join(&hub, writer, &topic, Some(Position::START)).await;
    let mut last = 0;
    let resync = loop {
        match reader.frame().await.unwrap() {
            frame @ Frame::Event(_) => {
                assert_eq!(number(&frame), last + 1);
                last += 1;
            }
            Frame::Resync(_, position) => break position,
        }
    };
    assert_eq!((last, resync), (2_048, head));
    stage.tell(writer, &topic, 2_500..2_501).await;
    assert_eq!(reader.number().await, 2_500);
}

#[tokio::test]
async fn leaving_is_heard_nothing_after_and_joining_twice_is_joining_anew() {
    let stage = Stage::new().await;
    let (writer, left, kept) = (staff(), Topic::named("left"), Topic::named("kept"));
    let hub = stage.hub();
    let mut reader = Reader::join(&hub, writer, &left, None).await;
    let joined = reader.connection.join(kept.clone(), None).await.unwrap();
    stage.tell(writer, &left, 1..4).await;
    stage.placed(writer, &left, 3).await;
    assert_eq!(reader.number().await, 1);
    assert!(reader.connection.leave(&left));
    assert!(!reader.connection.leave(&left), "nobody leaves twice");
    stage.tell(writer, &kept, 11..13).await;
    assert_eq!(reader.number().await, 11, "what waited of the other room is gone");
    let again = reader.connection.join(kept.clone(), Some(joined.position)).await.unwrap();
    reader.joined = again;
    assert_eq!(reader.numbers(2).await, [11, 12], "from the place on, once");
    assert_eq!(reader.connection.topics(), [kept]);
    let mut other = connect(&hub, writer);
    assert!(!other.leave(&left));
}
