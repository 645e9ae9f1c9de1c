//! Connections to the database that break at any moment: in order and once, or resync; never silence.

use underpin_log::Topic;
use underpin_realtime::{Frame, Limits};
use underpin_runtime::CancellationToken;

use crate::stage::{Reader, Stage, staff};

/// Break every connection to this database but our own and those that write.
async fn break_links(stage: &Stage, stop: &CancellationToken) {
    let client = stage.db.superuser().await;
    let sql = "select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and usename ~ '_(app|system)$'
          and not query like '%event_pending%' and not query like '%insert%'";
    while !stop.is_cancelled() {
        let _ = client.query(sql, &[]).await;
        // The subject of a test: trouble at intervals.
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    }
}

#[tokio::test]
async fn readers_get_everything_in_order_or_resync_while_connections_break() {
    const LAST: i64 = 150;
    let stage = Stage::new().await;
    let (writer, topic) = (staff(), Topic::named("funds"));
    let hubs = [stage.hub_with(&stage.process(), Limits::default()), stage.hub()];
    let mut readers = Vec::new();
    for hub in hubs.iter().chain(&hubs) {
        readers.push(Reader::join(hub, writer, &topic, None).await);
    }
    let over = CancellationToken::new();
    let telling = async {
        for number in 1..=LAST {
            let event = [crate::stage::event(&topic, underpin_log::Audience::Tenant, number, "")];
            let events = &event;
            // A try that met a broken connection is known not to have happened or is simply told again: the log orders what there is.
            let told = stage.db.db.transact(writer, |tx, _| {
                Box::pin(async move {
                    underpin_log::emit(tx, jiff::Timestamp::UNIX_EPOCH, events).await
                })
            });
            let _: Result<(), underpin_log::Error> = told.await;
        }
        over.cancel();
    };
    tokio::join!(telling, break_links(&stage, &over));
    // A last one, with everything well again.
    stage.tell(writer, &topic, 1_000..1_001).await;
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
