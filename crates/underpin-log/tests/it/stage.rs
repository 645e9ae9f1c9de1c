//! A database with a sequencer, and the conformance suite over it.

use std::time::Duration;

use jiff::Timestamp;
use underpin_base::Principal;
use underpin_db::Db;
use underpin_log::{COMPONENT, Log, LogStore, NewEvent, Retention, Sequencer, conformance, emit};
use underpin_runtime::CancellationToken;
use underpin_testkit::{TestDb, until};

pub(crate) struct Stage {
    pub(crate) db: TestDb,
    stop: CancellationToken,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let db = TestDb::new(&[COMPONENT]).await;
        // No midnight falls into a test that counts days.
        db.stop_clock().await;
        Self { db, stop: CancellationToken::new() }
    }

    /// Start a sequencer as a process of its own would.
    pub(crate) fn sequence(&self) -> CancellationToken {
        let stop = self.stop.child_token();
        tokio::spawn(Sequencer::run(self.db.second_process(), stop.clone()));
        stop
    }

    pub(crate) async fn settled(&self) {
        let client = self.db.superuser().await;
        until("no event waits for its place", async || {
            let row =
                client.query_one("select count(*) from underpin.event_pending", &[]).await.unwrap();
            (row.get::<_, i64>(0) == 0).then_some(())
        })
        .await;
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) async fn tell(db: &Db, principal: Principal, events: &[NewEvent]) {
    db.transact(principal, |tx, _| {
        Box::pin(async move { emit(tx, Timestamp::UNIX_EPOCH, events).await })
    })
    .await
    .unwrap();
}

impl conformance::Stage for Stage {
    type Store = Log;

    fn store(&self) -> Log {
        Log::new(self.db.db.clone())
    }

    async fn tell(&self, principal: Principal, events: Vec<NewEvent>) {
        let topic = events[0].topic.clone();
        let before = LogStore::head(&self.store(), principal, &topic).await.unwrap().seq;
        tell(&self.db.db, principal, &events).await;
        until("the events have their places", async || {
            let head = LogStore::head(&self.store(), principal, &topic).await.unwrap();
            (head.seq != before).then_some(())
        })
        .await;
    }

    async fn forget(&self) {
        self.db.advance(Duration::from_hours(40 * 24)).await;
        Retention::default().run(&self.db.db).await.unwrap();
    }
}

#[tokio::test]
async fn the_log_in_postgres_conforms() {
    let stage = Stage::new().await;
    stage.sequence();
    conformance::run(&stage).await;
}
