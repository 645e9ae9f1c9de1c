//! Connections: few enough, free in time, and none of them held for too long.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use underpin_base::UserId;
use underpin_db::{Class, Db, Error, Scope, Settings, StatementTimeouts, statements};
use underpin_testkit::{TestDb, patient, until};

statements! {
    PID: "test.pid" () -> (INT4) = "select pg_backend_pid()";
    TIMEOUT: "test.timeout" () -> (TEXT) = "select current_setting('statement_timeout')";
    NAP: "test.nap" (FLOAT8) -> (INT4) = "select 1 from pg_sleep($1)";
}

fn settings(test: &TestDb) -> Settings {
    assert_eq!(ALL.len(), 3);
    let (ours, theirs) = (patient(&test.app_url, &test.system_url), StatementTimeouts::default());
    Settings { app_connections_max: 16, statement_timeouts: theirs, ..ours }
}

fn nobody() -> Scope {
    Scope::Account(UserId::new())
}

async fn pid(db: &Db) -> i32 {
    db.query_one(nobody(), &PID, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_full_pool_sends_work_away_in_time_and_counts_it() {
    let test = TestDb::new(&[]).await;
    let acquire_timeout = Duration::from_millis(50);
    let db = Db::new(Settings { app_connections_max: 1, acquire_timeout, ..settings(&test) });
    let db = db.unwrap();
    let (holds, held) = oneshot::channel();
    let (let_go, word) = oneshot::channel::<()>();
    let (holder, mut signals) = (db.clone(), Some((holds, word)));
    let holding = tokio::spawn(async move {
        let busy = holder.transact(nobody(), |tx, _| {
            let signals = signals.take();
            Box::pin(async move {
                tx.query(&PID, &[]).await?;
                let (holds, word) = signals.expect("the closure runs once");
                holds.send(()).expect("somebody waits for it");
                word.await.expect("the word comes");
                Ok::<_, Error>(())
            })
        });
        busy.await
    });
    held.await.unwrap();
    let refused = db.query(nobody(), &PID, &[]).await;
    assert!(matches!(refused, Err(Error::Exhausted)), "{refused:?}");
    let [app, system] = db.pools();
    assert_eq!((app.name, app.max, app.size, app.in_use, app.idle), ("app", 1, 1, 1, 0));
    assert_eq!((app.exhausted, app.waits.count, app.waiters), (1, 2, 0));
    assert_eq!((system.name, system.size, system.exhausted), ("system", 0, 0));
    let_go.send(()).unwrap();
    holding.await.unwrap().unwrap();
    pid(&db).await;
    assert_eq!((db.pools()[0].in_use, db.pools()[0].idle), (0, 1));
}

#[tokio::test]
async fn idle_connections_are_closed_and_the_least_number_stays() {
    let test = TestDb::new(&[]).await;
    let (idle_max, app_connections_min) = (Duration::from_millis(60), 2);
    let db = Db::new(Settings { idle_max, app_connections_min, ..settings(&test) }).unwrap();
    let stop = CancellationToken::new();
    let (tended, ends) = (db.clone(), stop.clone());
    let tending = tokio::spawn(async move { tended.tend_pools(ends).await });
    let size = async |wanted: usize| (db.pools()[0].size == wanted).then_some(());
    until("two are open before anybody asked", async || size(2).await).await;
    // Each holds its connection until all have one, so that six are open at the same time however slowly they begin.
    let all_hold = tokio::sync::Barrier::new(6);
    let holds = (0..6).map(|_| {
        db.transact(nobody(), |tx, _| {
            Box::pin(async {
                tx.query(&PID, &[]).await?;
                all_hold.wait().await;
                Ok::<_, Error>(db.pools()[0].size)
            })
        })
    });
    for size in join_all(holds).await {
        assert_eq!(size.unwrap(), 6);
    }
    until("the others are closed", async || size(2).await).await;
    stop.cancel();
    tending.await.unwrap();
}

#[tokio::test]
async fn a_connection_past_its_lifetime_is_replaced() {
    let test = TestDb::new(&[]).await;
    let young = Db::new(settings(&test)).unwrap();
    assert_eq!(pid(&young).await, pid(&young).await);
    let old = Db::new(Settings { lifetime_max: Duration::ZERO, ..settings(&test) }).unwrap();
    assert_ne!(pid(&old).await, pid(&old).await);
}

#[tokio::test]
async fn a_statement_has_the_time_of_its_class_and_no_longer() {
    let test = TestDb::new(&[]).await;
    let timed = |web: Duration| {
        let (report, job) = (Duration::from_mins(2), Duration::from_mins(5));
        let statement_timeouts = StatementTimeouts { web, report, job };
        let settings = settings(&test);
        Db::new(Settings { app_connections_max: 1, statement_timeouts, ..settings }).unwrap()
    };
    let db = timed(Duration::from_mins(1));
    let at_once = async || db.query_one(nobody(), &TIMEOUT, &[]).await.unwrap().get::<_, String>(0);
    let in_transaction = async || {
        let asked = db
            .transact(nobody(), |tx, _| Box::pin(async move { tx.query_one(&TIMEOUT, &[]).await }));
        asked.await.unwrap().get::<_, String>(0)
    };
    for (class, expected) in [(Class::Report, "2min"), (Class::Job, "5min"), (Class::Web, "1min")] {
        assert_eq!(class.over(at_once()).await, expected);
        assert_eq!(class.over(in_transaction()).await, expected);
        // The one connection has its own time again.
        assert_eq!(at_once().await, "1min");
    }
    // What is asked beside the one that is cut has time, however slow the machine is.
    let db = timed(Duration::from_millis(100));
    let before = Class::Report.over(pid(&db)).await;
    let cut = db.query(nobody(), &NAP, &[&60_f64]).await;
    assert!(matches!(cut, Err(Error::TooLong { statement: "test.nap", .. })), "{cut:?}");
    let after = Class::Report.over(pid(&db)).await;
    assert_eq!(after, before, "the connection is free and whole");
    Class::Job.over(db.query(nobody(), &NAP, &[&0.3_f64])).await.unwrap();
}

/// A process that may open three fifths of all connections: alone it fits, and two of them do not.
async fn large(test: &TestDb) -> Db {
    let limit = test.db.budget().await.unwrap().limit();
    let app_connections_max = (limit * 3 / 5) as usize;
    Db::new(Settings { app_connections_max, ..settings(test) }).unwrap()
}

#[tokio::test]
async fn of_two_processes_that_do_not_fit_together_one_is_let_in() {
    let test = TestDb::new(&[]).await;
    let (a, b) = (large(&test).await, large(&test).await);
    let (first, second) = tokio::join!(a.announce(), b.announce());
    let refused = match (first, second) {
        (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused.to_string(),
        both => panic!("{both:?}"),
    };
    let budget = test.db.budget().await.unwrap();
    assert_eq!(budget.announced.len(), 1, "{budget}");
    let others = budget.announced[0];
    for part in [
        &format!("+ 1 others {others} + reserve 10 = "),
        &format!(" of {} (max_connections {} - ", budget.limit(), budget.max_connections),
    ] {
        assert!(refused.contains(part), "{part} is missing in {refused}");
    }
    drop((a, b));
    until("the place is free again", async || {
        large(&test).await.announce().await.is_ok().then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_announcement_comes_back_after_its_connection_was_lost() {
    let test = TestDb::new(&[]).await;
    let db = Db::new(settings(&test)).unwrap();
    db.announce().await.unwrap();
    let stop = CancellationToken::new();
    let (kept, ends) = (db.clone(), stop.clone());
    let keeping = tokio::spawn(async move { kept.keep_announced(ends).await });
    let holders = "from pg_locks l where l.locktype = 'advisory' and l.objid = 24
        and l.database = (select oid from pg_database where datname = current_database())";
    let superuser = test.superuser().await;
    let holder = format!("select l.pid {holders}");
    let first: i32 = superuser.query_one(&holder, &[]).await.unwrap().get(0);
    superuser.execute("select pg_terminate_backend($1)", &[&first]).await.unwrap();
    until("another connection holds it", async || {
        let row = superuser.query_opt(&holder, &[]).await.unwrap()?;
        (row.get::<_, i32>(0) != first).then_some(())
    })
    .await;
    stop.cancel();
    keeping.await.unwrap();
    until("nobody holds it after the end", async || {
        superuser.query_opt(&holder, &[]).await.unwrap().is_none().then_some(())
    })
    .await;
}
