//! Order, under rivals, slow writers and killed sequencers.

use std::collections::HashMap;

use underpin_base::Principal;
use underpin_log::{Audience, Entry, Log, Position, Read, Topic, conformance as suite};
use underpin_testkit::until;

use crate::stage::{Stage, tell};

async fn all(stage: &Stage, reader: Principal, topic: &Topic) -> Vec<Entry> {
    let log = Log::new(stage.db.db.clone());
    let (mut seen, mut position) = (Vec::new(), Position::START);
    loop {
        let Read::Entries { entries, position: next } =
            log.read(reader, topic, position, 500).await.unwrap()
        else {
            panic!("resync at {position}")
        };
        if next == position {
            break;
        }
        seen.extend(entries);
        position = next;
    }
    let seqs: Vec<i64> = seen.iter().map(|entry| entry.position.seq).collect();
    assert_eq!(seqs, (1..=seen.len() as i64).collect::<Vec<_>>(), "no gap, none twice");
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_that_race_on_one_topic_leave_no_gap_and_each_keeps_its_order() {
    let stage = Stage::new().await;
    stage.sequence();
    let (principal, topic) = (suite::staff(), Topic::named("race"));
    let writers: Vec<_> = (0..4_i64)
        .map(|writer| {
            let (db, topic) = (stage.db.db.clone(), topic.clone());
            tokio::spawn(async move {
                for round in 0..25 {
                    let first = writer * 1_000 + round * 4;
                    tell(&db, principal, &suite::events(&topic, Audience::Staff, first, 4)).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    stage.settled().await;
    let seen = all(&stage, principal, &topic).await;
    assert_eq!(seen.len(), 400);
    let mut last: HashMap<i64, i64> = HashMap::new();
    for entry in seen {
        let before = last.insert(entry.version / 1_000, entry.version).unwrap_or(-1);
        assert!(before < entry.version, "{before} before {}", entry.version);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_stays_open_neither_stalls_the_others_nor_is_lost() {
    let stage = Stage::new().await;
    stage.sequence();
    let (principal, topic) = (suite::staff(), Topic::named("slow"));
    let (db, slow_topic) = (stage.db.db.clone(), topic.clone());
    let (told, told_rx) = tokio::sync::oneshot::channel();
    let (go_on, may_go_on) = tokio::sync::oneshot::channel::<()>();
    let slow = tokio::spawn(async move {
        let events = suite::events(&slow_topic, Audience::Staff, 1_000, 3);
        let (events, mut once) = (&events, Some((told, may_go_on)));
        db.transact(principal, |tx, _| {
            let once = once.take();
            Box::pin(async move {
                underpin_log::emit(tx, jiff::Timestamp::UNIX_EPOCH, events).await?;
                let (told, may_go_on) =
                    once.expect("a transaction that is not disturbed runs once");
                told.send(()).expect("the test waits for it");
                may_go_on.await.expect("the word comes");
                Ok::<_, underpin_log::Error>(())
            })
        })
        .await
        .unwrap();
    });
    told_rx.await.unwrap();
    for version in 1..=50 {
        tell(&stage.db.db, principal, &suite::events(&topic, Audience::Staff, version, 1)).await;
    }
    let log = Log::new(stage.db.db.clone());
    until("the quick ones have their places", async || {
        (log.head(principal, &topic).await.unwrap().seq == 50).then_some(())
    })
    .await;
    // All that while it was open: the quick ones did not wait for it.
    go_on.send(()).unwrap();
    slow.await.unwrap();
    stage.settled().await;
    let versions: Vec<i64> =
        all(&stage, principal, &topic).await.iter().map(|e| e.version).collect();
    assert_eq!(versions, (1..=50).chain(1_000..1_003).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sequencer_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing() {
    let stage = Stage::new().await;
    let (principal, topic) = (suite::staff(), Topic::named("killed"));
    // A first entry makes the head, which the test then holds so that the sequencer stops in the middle of its transaction.
    let sequencer = stage.sequence();
    tell(&stage.db.db, principal, &suite::events(&topic, Audience::Staff, 1, 1)).await;
    stage.settled().await;
    let (holder, killer) = (stage.db.superuser().await, stage.db.superuser().await);
    for round in 0..3 {
        holder.batch_execute("begin; select 1 from underpin.topic_head for update").await.unwrap();
        tell(
            &stage.db.db,
            principal,
            &suite::events(&topic, Audience::Staff, 2 + round * 500, 500),
        )
        .await;
        let pid: i32 = until("the sequencer stands in the middle of its batch", async || {
            let waiting = "select pid from pg_stat_activity where datname = current_database()
                and wait_event_type = 'Lock' and query like '%event_sequence%'";
            killer.query_opt(waiting, &[]).await.unwrap().map(|row| row.get(0))
        })
        .await;
        killer.execute("select pg_terminate_backend($1)", &[&pid]).await.unwrap();
        holder.batch_execute("rollback").await.unwrap();
        stage.settled().await;
    }
    sequencer.cancel();
    let versions: Vec<i64> =
        all(&stage, principal, &topic).await.iter().map(|e| e.version).collect();
    assert_eq!(versions, (1..=1_501).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn rival_sequencers_take_turns_and_the_order_holds() {
    let stage = Stage::new().await;
    let (principal, topic) = (suite::staff(), Topic::named("rivals"));
    let rivals: Vec<_> = (0..3).map(|_| stage.sequence()).collect();
    for round in 0..40 {
        tell(&stage.db.db, principal, &suite::events(&topic, Audience::Staff, 1 + round * 10, 10))
            .await;
        if round == 20 {
            rivals[0].cancel();
        }
    }
    stage.settled().await;
    let versions: Vec<i64> =
        all(&stage, principal, &topic).await.iter().map(|e| e.version).collect();
    assert_eq!(versions, (1..=400).collect::<Vec<_>>());
}

#[tokio::test]
async fn many_topics_and_more_than_one_batch_have_no_gap() {
    let stage = Stage::new().await;
    let principal = suite::staff();
    let topics: Vec<Topic> =
        (0..7_u128).map(|n| Topic::of("thing", uuid::Uuid::from_u128(n))).collect();
    for round in 0..5 {
        let events: Vec<_> = topics
            .iter()
            .flat_map(|topic| suite::events(topic, Audience::Staff, 1 + round * 100, 100))
            .collect();
        tell(&stage.db.db, principal, &events).await;
    }
    stage.sequence();
    stage.settled().await;
    for topic in &topics {
        let versions: Vec<i64> =
            all(&stage, principal, topic).await.iter().map(|e| e.version).collect();
        assert_eq!(versions, (1..=500).collect::<Vec<_>>());
    }
}
