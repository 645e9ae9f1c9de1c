//! One commit: all of it or nothing, whatever interrupts it.

use std::time::Duration;

use underpin_base::{Principal, Role, TenantId, UserId};
use underpin_db::{Component, Error, Migration, Wake, on_constraint, statements};
use underpin_testkit::{TestDb, until};

const BOX: Component = Component {
    name: "box",
    migrations: &[Migration {
        version: "0001_box",
        sql: "create table underpin.box (tenant_id uuid not null, n bigint not null, constraint box_key primary key (tenant_id, n));
              alter table underpin.box enable row level security;
              alter table underpin.box force row level security;
              create policy tenant on underpin.box to {app} using (tenant_id = (select underpin.tenant()));
              grant select, insert, update on underpin.box to {app};",
    }],
};

statements! {
    PUT: "test.put" (UUID, INT8) -> () = "insert into underpin.box (tenant_id, n) values ($1, $2)";
    COUNT: "test.count" () -> (INT8) = "select count(*) from underpin.box";
    LOCK: "test.lock" (INT8) -> () = "update underpin.box set n = n where n = $1";
    FAIL: "test.fail" () -> (INT4) = "select 1 / (select count(*)::int from underpin.box where n < 0)";
}

async fn fixture() -> (TestDb, Principal) {
    assert_eq!(ALL.len(), 4);
    let test = TestDb::new(&[BOX]).await;
    (test, Principal { tenant: TenantId::new(), subject: UserId::new(), role: Role::Member })
}

async fn count(test: &TestDb, principal: Principal) -> i64 {
    test.db.query_one(principal, &COUNT, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn an_error_in_the_closure_rolls_everything_back() {
    let (test, principal) = fixture().await;
    let tenant = principal.tenant.uuid();
    let result: Result<(), Error> = test
        .db
        .transact(principal, |tx, _| {
            Box::pin(async move {
                tx.execute(&PUT, &[&tenant, &1_i64]).await?;
                Err(Error::WrongScope)
            })
        })
        .await;
    assert!(matches!(result, Err(Error::WrongScope)));
    assert_eq!(count(&test, principal).await, 0);
}

#[tokio::test]
async fn a_swallowed_failure_cannot_be_committed() {
    let (test, principal) = fixture().await;
    let tenant = principal.tenant.uuid();
    let result: Result<(), Error> = test
        .db
        .transact(principal, |tx, _| {
            Box::pin(async move {
                tx.execute(&PUT, &[&tenant, &1_i64]).await?;
                assert!(tx.query(&FAIL, &[]).await.is_err());
                assert!(matches!(tx.execute(&PUT, &[&tenant, &2_i64]).await, Err(Error::Aborted)));
                Ok(())
            })
        })
        .await;
    assert!(matches!(result, Err(Error::Aborted)));
    assert_eq!(count(&test, principal).await, 0);
}

#[tokio::test]
async fn a_failing_single_statement_reports_its_error_and_leaves_the_connection_clean() {
    let (test, principal) = fixture().await;
    for _ in 0..20 {
        assert!(matches!(test.db.query(principal, &FAIL, &[]).await, Err(Error::Statement { .. })));
        assert_eq!(count(&test, principal).await, 0);
    }
}

#[tokio::test]
async fn a_foreign_tenants_row_can_be_neither_written_nor_read() {
    let (test, principal) = fixture().await;
    let foreign = Principal { tenant: TenantId::new(), ..principal };
    test.db.execute(principal, &PUT, &[&principal.tenant.uuid(), &1_i64]).await.unwrap();
    let refused = test.db.execute(foreign, &PUT, &[&principal.tenant.uuid(), &2_i64]).await;
    assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
    assert_eq!(count(&test, foreign).await, 0);
    assert_eq!(test.db.execute(foreign, &LOCK, &[&1_i64]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_named_constraint_becomes_the_callers_error() {
    let (test, principal) = fixture().await;
    let tenant = principal.tenant.uuid();
    test.db.execute(principal, &PUT, &[&tenant, &1_i64]).await.unwrap();
    let again = test.db.execute(principal, &PUT, &[&tenant, &1_i64]).await;
    let named = on_constraint(again, |name| (name == "box_key").then_some(Error::WrongScope));
    assert!(matches!(named, Err(Error::WrongScope)));
}

#[tokio::test]
async fn a_cancelled_transaction_leaves_neither_rows_nor_settings_behind() {
    let (test, principal) = fixture().await;
    let tenant = principal.tenant.uuid();
    for n in 0..10_i64 {
        let (reached, wait) = tokio::sync::oneshot::channel::<()>();
        let mut reached = Some(reached);
        let db = test.db.clone();
        let task = tokio::spawn(async move {
            db.transact(principal, |tx, _| {
                let reached = reached.take();
                Box::pin(async move {
                    tx.execute(&PUT, &[&tenant, &n]).await?;
                    drop(reached);
                    std::future::pending::<()>().await;
                    Ok::<(), Error>(())
                })
            })
            .await
        });
        assert!(wait.await.is_err(), "the sender is dropped inside the transaction");
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    }
    assert_eq!(count(&test, principal).await, 0);
    let foreign = Principal { tenant: TenantId::new(), ..principal };
    assert_eq!(count(&test, foreign).await, 0);
}

#[tokio::test]
async fn two_that_lock_each_other_both_end_well() {
    let (test, principal) = fixture().await;
    let tenant = principal.tenant.uuid();
    for n in [1_i64, 2] {
        test.db.execute(principal, &PUT, &[&tenant, &n]).await.unwrap();
    }
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(2));
    let run = |first: i64, second: i64| {
        let (db, barrier) = (test.db.clone(), barrier.clone());
        tokio::spawn(async move {
            let met = std::sync::atomic::AtomicBool::new(false);
            let (met, barrier) = (&met, &barrier);
            db.transact(principal, |tx, _| {
                Box::pin(async move {
                    tx.execute(&LOCK, &[&first]).await?;
                    if !met.swap(true, std::sync::atomic::Ordering::Relaxed) {
                        barrier.wait().await;
                    }
                    tx.execute(&LOCK, &[&second]).await?;
                    Ok::<(), Error>(())
                })
            })
            .await
        })
    };
    let (one, two) = tokio::join!(run(1, 2), run(2, 1));
    one.unwrap().unwrap();
    two.unwrap().unwrap();
}

#[tokio::test]
async fn a_session_ended_by_the_server_is_unavailable_and_the_next_try_works() {
    let (test, principal) = fixture().await;
    assert_eq!(count(&test, principal).await, 0);
    let superuser = test.superuser().await;
    superuser
        .execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()", &[])
        .await
        .unwrap();
    let db = &test.db;
    until("the pool finds a new connection", || async move {
        db.query_one(principal, &COUNT, &[]).await.ok()
    })
    .await;
}

#[tokio::test]
async fn a_hint_follows_the_commit_and_reaches_the_other_process() {
    let (test, principal) = fixture().await;
    let other = test.second_process();
    let stop = tokio_util::sync::CancellationToken::new();
    for db in [test.db.clone(), other.clone()] {
        let stop = stop.clone();
        tokio::spawn(async move { db.run_wakes(stop).await });
    }
    let mut listener = other.wakes().listen(Wake::Jobs);
    let tenant = principal.tenant.uuid();
    let mut n = 0_i64;
    loop {
        n += 1;
        test.db
            .transact(principal, |tx, _| {
                Box::pin(async move {
                    tx.wake(Wake::Jobs);
                    tx.execute(&PUT, &[&tenant, &n]).await
                })
            })
            .await
            .unwrap();
        let started = tokio::time::Instant::now();
        listener.wait(Duration::from_secs(1)).await;
        if started.elapsed() < Duration::from_secs(1) {
            break;
        }
        assert!(n < 120, "no hint in 120 tries");
    }
    stop.cancel();
}
