//! Connections to the database that break at any moment: in order and once, or resync; never silence.

use tokio::sync::mpsc;
use underpin_log::Topic;
use underpin_realtime::{Frame, Limits};
use underpin_testkit::until;

use crate::stage::{Reader, Stage, staff};

/// Break every connection to this database but our own and those that write, each time that the word comes.
async fn break_links(stage: &Stage, mut words: mpsc::UnboundedReceiver<()>) {
    let client = stage.db.superuser().await;
    let sql = "select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and usename ~ '_(app|system)$'
          and not query like '%event_pending%' and not query like '%insert%'";
    while words.recv().await.is_some() {
        client.query(sql, &[]).await.unwrap();
    }
}

#[tokio::test]
async fn readers_get_everything_in_order_or_resync_while_connections_break() {
    const LAST: i64 = 150;
    const BREAK_EVERY: i64 = 5;
    let stage = Stage::new().await;
    let (writer, topic) = (staff(), Topic::named("funds"));
    let hubs = [stage.hub_with(&stage.process(), Limits::default()), stage.hub()];
    let mut readers = Vec::new();
    for hub in hubs.iter().chain(&hubs) {
        readers.push(Reader::join(hub, writer, &topic, None).await);
    }
    let (word, words) = mpsc::unbounded_channel();
    let tell = async |number: i64| {
        let event = [crate::stage::event(&topic, underpin_log::Audience::Tenant, number, "")];
        let events = &event;
        let told = stage.db.db.transact(writer, |tx, _| {
            Box::pin(
                async move { underpin_log::emit(tx, jiff::Timestamp::UNIX_EPOCH, events).await },
            )
        });
        let told: Result<(), underpin_log::Error> = told.await;
        told
    };
    let telling = async {
        for number in 1..=LAST {
            // A try that met a broken connection is known not to have happened or is simply told again: the log orders what there is.
            let _ = tell(number).await;
            if number % BREAK_EVERY == 0 {
                word.send(()).unwrap();
            }
        }
        drop(word);
    };
    tokio::join!(telling, break_links(&stage, words));
    // A last one, as soon as everything is well again.
    until("it is told", async || tell(1_000).await.ok()).await;
    for reader in &mut readers {
        let mut last = 0;
        loop {
            let frame = reader.frame().await.unwrap();
            let seq = frame.position().seq;
            match &frame {
                Frame::Event(_) => assert_eq!(seq, last + 1),
                Frame::Resync(..) => assert!(seq > last),
            }
            last = seq;
            if matches!(frame, Frame::Event(_)) && crate::stage::number(&frame) == 1_000 {
                break;
            }
        }
        assert!(last > 10, "most were told: {last}");
    }
}
