//! Whoever may not go on is let go.

use std::{sync::atomic::Ordering, time::Duration};

use underpin_db::Wake;
use underpin_log::Topic;
use underpin_realtime::{Ended, Error, Holder};
use underpin_testkit::until;
use uuid::Uuid;

use crate::stage::{PATIENCE, Reader, Stage, connect, staff};

#[tokio::test]
async fn a_connection_ends_when_its_holder_may_not_go_on_and_the_others_stay() {
    let stage = Stage::new().await;
    let (writer, topic) = (staff(), Topic::named("funds"));
    let (one, two) = (stage.hub(), stage.hub());
    for (why, hinted) in [(Ended::SignedOut, true), (Ended::Changed, false)] {
        let session = Uuid::now_v7();
        let holder = Holder { session, principal: writer };
        let mut theirs = Vec::new();
        for hub in [&one, &one, &two] {
            let mut connection = hub.connect(holder).unwrap();
            connection.join(topic.clone(), None).await.unwrap();
            theirs.push(connection);
        }
        let mut other = Reader::join(&two, writer, &topic, None).await;
        stage.guard.ends.lock().unwrap().insert(session, why);
        if hinted {
            stage.db.db.wakes().hint(Wake::Access);
        }
        for connection in &theirs {
            let life = connection.life();
            let over = tokio::time::timeout(PATIENCE, life.over());
            assert_eq!(over.await.expect("an end in time"), why);
            assert_eq!(connection.next().await.unwrap_err(), why);
        }
        stage.tell(writer, &topic, 1..2).await;
        assert_eq!(other.number().await, 1);
        for connection in &theirs {
            assert_eq!(connection.next().await.unwrap_err(), why, "nothing after the end");
        }
    }
}

#[tokio::test]
async fn as_long_as_nobody_knows_who_may_hear_it_nothing_is_told_and_nothing_lost() {
    let stage = Stage::new().await;
    let (writer, topic) = (staff(), Topic::named("funds"));
    let hub = stage.hub();
    let session = Uuid::now_v7();
    let mut gone = hub.connect(Holder { session, principal: writer }).unwrap();
    gone.join(topic.clone(), None).await.unwrap();
    let mut reader = Reader::join(&hub, writer, &topic, None).await;
    *stage.guard.silent.lock().unwrap() = true;
    stage.db.db.wakes().hint(Wake::Access);
    until("a few questions have no answer", async || {
        (stage.guard.in_vain.load(Ordering::SeqCst) >= 3).then_some(())
    })
    .await;
    stage.guard.ends.lock().unwrap().insert(session, Ended::SignedOut);
    stage.tell(writer, &topic, 1..4).await;
    stage.placed(writer, &topic, 3).await;
    let early = tokio::time::timeout(Duration::from_millis(300), reader.connection.next()).await;
    assert!(early.is_err(), "told while the guard was away: {early:?}");
    *stage.guard.silent.lock().unwrap() = false;
    assert_eq!(reader.numbers(3).await, [1, 2, 3]);
    assert_eq!(gone.next().await.unwrap_err(), Ended::SignedOut, "and heard none of it");
}

#[tokio::test]
async fn at_the_end_of_the_process_every_connection_is_told_and_waited_for() {
    let stage = Stage::new().await;
    let hub = stage.hub();
    let connection = connect(&hub, staff());
    let second = connect(&hub, staff());
    stage.stop.cancel();
    assert_eq!(connection.next().await.unwrap_err(), Ended::Drained);
    until("no more are taken", async || {
        matches!(
            hub.connect(Holder { session: Uuid::now_v7(), principal: staff() }),
            Err(Error::Closed)
        )
        .then_some(())
    })
    .await;
    drop(connection);
    drop(second);
    assert_eq!(hub.figures().connections, 0);
}

#[tokio::test]
async fn the_service_ends_when_its_connections_have() {
    use underpin_log::Log;
    use underpin_realtime::{Hub, Limits};
    use underpin_runtime::CancellationToken;
    let stage = Stage::new().await;
    let (db, stop) = (stage.process(), CancellationToken::new());
    let guard = stage.guard.clone();
    let hub = Hub::new(Log::new(db.clone()), db.wakes().clone(), guard, Limits::default());
    let service = tokio::spawn(hub.run(stop.clone()));
    let connection = connect(&hub, staff());
    stop.cancel();
    assert_eq!(connection.life().over().await, Ended::Drained);
    assert!(!service.is_finished(), "it waits for the connection");
    drop(connection);
    tokio::time::timeout(PATIENCE, service).await.expect("it ends").unwrap();
}
