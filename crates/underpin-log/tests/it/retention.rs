//! What is forgotten, and what must not be.

use std::time::Duration;

use underpin_db::Error as DbError;
use underpin_log::{Audience, Error, Log, Position, Read, Retention, Topic, conformance as suite};

use crate::stage::{Stage, tell};

const DAY: Duration = Duration::from_hours(24);

async fn tables(stage: &Stage) -> i64 {
    let count = "select count(*) from pg_inherits where inhparent in ('underpin.event'::regclass, 'underpin.event_log'::regclass)";
    stage.db.superuser().await.query_one(count, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn days_are_made_ahead_and_dropped_whole() {
    let stage = Stage::new().await;
    let retention = Retention { keep_days: 2, ahead_days: 30 };
    let first = retention.run(&stage.db.db).await.unwrap();
    assert_eq!((first.made, first.dropped), (2, 0), "one day more of each than the migration made");
    assert_eq!(retention.run(&stage.db.db).await.unwrap().made, 0);
    stage.db.advance(10 * DAY).await;
    let later = retention.run(&stage.db.db).await.unwrap();
    assert_eq!((later.made, later.dropped), (20, 18), "nine days before the two that are kept");
    assert_eq!(tables(&stage).await, 2 * (2 + 1 + 30));
}

#[tokio::test]
async fn an_event_that_waits_for_its_place_is_kept_however_old() {
    let stage = Stage::new().await;
    let (writer, topic) = (suite::staff(), Topic::named("late"));
    tell(&stage.db.db, writer, &suite::events(&topic, Audience::Staff, 1, 2)).await;
    stage.db.advance(20 * DAY).await;
    let retention = Retention { keep_days: 1, ahead_days: 5 };
    retention.run(&stage.db.db).await.unwrap();
    let sequencer = stage.sequence();
    stage.settled().await;
    sequencer.cancel();
    // It has an entry of today now, which holds it for another day.
    retention.run(&stage.db.db).await.unwrap();
    let read =
        Log::new(stage.db.db.clone()).read(writer, &topic, Position::START, 9).await.unwrap();
    let Read::Entries { entries, .. } = read else { panic!("{read:?}") };
    assert_eq!(entries.len(), 2);
}

#[tokio::test]
async fn a_topic_that_comes_back_has_another_epoch() {
    let stage = Stage::new().await;
    stage.sequence();
    let (writer, topic, log) =
        (suite::staff(), Topic::named("funds"), Log::new(stage.db.db.clone()));
    tell(&stage.db.db, writer, &suite::events(&topic, Audience::Staff, 1, 2)).await;
    stage.settled().await;
    let old = log.head(writer, &topic).await.unwrap();
    stage.db.advance(40 * DAY).await;
    let forgotten = Retention::default().run(&stage.db.db).await.unwrap();
    assert_eq!(forgotten.topics, 1);
    tell(&stage.db.db, writer, &suite::events(&topic, Audience::Staff, 3, 5)).await;
    stage.settled().await;
    let new = log.head(writer, &topic).await.unwrap();
    assert_eq!(new.seq, 5);
    assert_ne!(new.epoch, old.epoch);
    assert_eq!(log.read(writer, &topic, old, 9).await.unwrap(), Read::Resync(new));
}

#[tokio::test]
async fn a_reader_in_the_way_puts_the_drop_off_instead_of_blocking_everyone() {
    let stage = Stage::new().await;
    let reader = stage.db.superuser().await;
    reader.batch_execute("begin; select 1 from underpin.event_log").await.unwrap();
    stage.db.advance(40 * DAY).await;
    let retention = Retention::default();
    let refused = retention.run(&stage.db.db).await.unwrap_err();
    assert!(matches!(refused, Error::Db(DbError::Unavailable(_))), "{refused:?}");
    reader.batch_execute("rollback").await.unwrap();
    assert!(retention.run(&stage.db.db).await.unwrap().dropped > 0);
}

#[tokio::test]
async fn the_application_can_neither_make_nor_drop_a_day() {
    let stage = Stage::new().await;
    let (app, connection) =
        tokio_postgres::connect(&stage.db.app_url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    for call in [
        "select underpin.event_partitions('2020-01-01', 1)",
        "select underpin.event_forget('2100-01-01', '2100-01-01')",
        "select underpin.event_sequence(1)",
    ] {
        assert_eq!(
            app.execute(call, &[]).await.unwrap_err().code().unwrap().code(),
            "42501",
            "{call}"
        );
    }
}
