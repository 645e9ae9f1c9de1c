//! A request that asks the database once per item is seen.

use underpin_base::{Principal, Role, TenantId, Trace, UserId};
use underpin_db::{
    Error, Purpose, Scope, statements,
    watch::{self, Suspicion, Watch, allow_fanout},
};
use underpin_testkit::{TestDb, until};

statements! {
    ONE: "test.one_item" (INT8) -> (INT8) = "select $1";
    SESSION_NAME: "test.session_name" () -> (TEXT) = "select current_setting('application_name')";
    SLEEP: "test.sleep" () -> (BOOL) = "select pg_sleep(600) is null";
    MANY: "test.many_items" (INT8) -> (INT8) = "select generate_series(1, $1)";
}

fn member() -> Principal {
    Principal { tenant: TenantId::new(), subject: UserId::new(), role: Role::Member }
}

async fn run(test: &TestDb, arguments: &[i64]) -> std::sync::Arc<Watch> {
    assert_eq!(ALL.len(), 4);
    let watch = Watch::new();
    let work = test.db.transact(member(), |tx, _| {
        Box::pin(async move {
            tx.query(&MANY, &[&10_i64]).await?;
            for argument in arguments {
                tx.query_one(&ONE, &[argument]).await?;
            }
            Ok::<(), Error>(())
        })
    });
    std::sync::Arc::clone(&watch).over(work).await.unwrap();
    watch
}

#[tokio::test]
async fn a_statement_per_item_is_a_fan_out_with_its_place() {
    let test = TestDb::new(&[]).await;
    let watch = run(&test, &[1, 2, 3, 4, 5]).await;
    let findings = watch.findings();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].suspicion, Suspicion::FanOut);
    assert_eq!((findings[0].statement, findings[0].runs), ("test.one_item", 5));
    assert!(findings[0].site.unwrap().file().ends_with("watching.rs"));
    let seen = watch.seen();
    assert_eq!((seen[0].rows, watch.totals().0), (10, 6));
}

#[tokio::test]
async fn a_single_write_is_counted_where_it_was_called() {
    let test = TestDb::new(&[]).await;
    let watch = Watch::new();
    let write = test.db.execute(member(), &ONE, &[&1_i64]);
    std::sync::Arc::clone(&watch).over(write).await.unwrap();
    let seen = watch.seen();
    assert!(seen[0].site.file().ends_with("watching.rs"), "{}", seen[0].site);
}

#[tokio::test]
async fn the_same_question_again_is_a_duplicate_and_few_questions_are_nothing() {
    let test = TestDb::new(&[]).await;
    let twice = run(&test, &[1, 1, 1]).await.findings();
    assert_eq!(twice[0].suspicion, Suspicion::Duplicate);
    assert!(run(&test, &[1, 2, 3]).await.findings().is_empty());
    let chatty = run(&test, &[1, 2].repeat(15)).await.findings();
    assert_eq!(chatty.iter().map(|f| f.suspicion).collect::<Vec<_>>(), [Suspicion::Chatty]);
}

#[tokio::test]
async fn a_declared_fan_out_is_no_finding() {
    let test = TestDb::new(&[]).await;
    let watch = Watch::new();
    let work = async {
        allow_fanout("one statement per currency, of which there are few");
        for argument in 0..8_i64 {
            test.db.query_one(member(), &ONE, &[&argument]).await.unwrap();
        }
    };
    std::sync::Arc::clone(&watch).over(work).await;
    assert_eq!(watch.totals().0, 8);
    assert!(watch.findings().is_empty());
    assert_eq!(watch.declared(), Some("one statement per currency, of which there are few"));
    assert_eq!(watch.repeats().len(), 1, "operators see it all the same");
    let place = || "GET /somewhere".to_owned();
    assert!(test.db.findings().note(&watch, place).is_empty());
    assert_eq!(test.db.findings().list()[0].declared, watch.declared());
}

#[tokio::test]
async fn a_pattern_is_known_by_its_first_runs_however_many_follow() {
    let test = TestDb::new(&[]).await;
    let distinct: Vec<i64> = (0..200).collect();
    let found = run(&test, &distinct).await.findings();
    assert_eq!((found[0].suspicion, found[0].runs), (Suspicion::FanOut, 200));
    let same = run(&test, &[7; 200]).await.findings();
    assert_eq!((same[0].suspicion, same[0].runs), (Suspicion::Duplicate, 200));
}

#[tokio::test]
async fn parts_of_a_job_are_judged_each_by_itself() {
    let test = TestDb::new(&[]).await;
    let watch = Watch::new();
    let part = async |arguments: &[i64]| {
        for argument in arguments {
            test.db.query_one(member(), &ONE, &[argument]).await.unwrap();
        }
        watch::settle();
    };
    let work = async {
        for _ in 0..10 {
            part(&[1, 2]).await;
        }
        part(&[1, 2, 3, 4, 5]).await;
        part(&[1, 2]).await;
    };
    std::sync::Arc::clone(&watch).over(work).await;
    let findings = watch.findings();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!((findings[0].suspicion, findings[0].runs), (Suspicion::FanOut, 5));
    assert_eq!(watch.totals().0, 27);
}

#[tokio::test]
async fn a_session_is_called_by_its_trace_while_it_works_for_it_and_no_longer() {
    let test = TestDb::new(&[]).await;
    let system = Scope::System(Purpose::Operate);
    let named = async |scope: Scope| -> [String; 2] {
        let at_once = test.db.query_one(scope.clone(), &SESSION_NAME, &[]).await.unwrap().get(0);
        let in_tx = test.db.transact(scope, |tx, _| {
            Box::pin(async move {
                tx.query(&MANY, &[&2_i64]).await?;
                Ok::<String, Error>(tx.query_one(&SESSION_NAME, &[]).await?.get(0))
            })
        });
        [at_once, in_tx.await.unwrap()]
    };
    assert_eq!(watch::trace(), None);
    let before = named(member().into()).await;
    let watch = Watch::traced(Trace::new());
    let id = watch.trace().unwrap().trace_id();
    std::sync::Arc::clone(&watch)
        .over(async {
            assert_eq!(watch::trace(), watch.trace());
            assert_eq!(named(member().into()).await, [(); 2].map(|()| format!("underpin {id}")));
            let operate = [(); 2].map(|()| format!("underpin operate {id}"));
            assert_eq!(named(system.clone()).await, operate);
        })
        .await;
    assert_eq!(named(member().into()).await, before);
    assert_eq!(named(system).await, [(); 2].map(|()| "underpin operate".to_owned()));
}

#[tokio::test]
async fn a_trace_gets_each_step_in_its_order_those_that_fail_or_are_cut_off_too() {
    let test = TestDb::new(&[]).await;
    let member = member();
    let watch = Watch::traced(Trace::new());
    let superuser = test.superuser().await;
    let runs = async |statement: &str| {
        let sql = "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
            and state = 'active' and query like '%' || $1 || '%'";
        until("the server is at it", async || {
            superuser.query_opt(sql, &[&statement]).await.unwrap()
        })
        .await;
    };
    let work = async {
        test.db.query_one(member, &ONE, &[&1_i64]).await.unwrap();
        // A parameter of another type than the statement's.
        test.db.query_one(member, &MANY, &[&"a text"]).await.unwrap_err();
        let sleeping = test.db.query_one(member, &SLEEP, &[]);
        tokio::select! {
            slept = sleeping => panic!("{slept:?}"),
            () = runs("select pg_sleep") => {}
        }
        let tx = test.db.transact(member, |tx, _| {
            Box::pin(async move { Ok::<_, Error>(tx.query(&MANY, &[&2_i64]).await?.len()) })
        });
        assert_eq!(tx.await.unwrap(), 2);
    };
    std::sync::Arc::clone(&watch).over(work).await;
    assert_eq!(watch.tenant(), Some(member.tenant));
    let (steps, left_out) = watch.take_steps();
    let told: Vec<_> = steps.iter().map(|step| (step.name, step.rows, step.failed)).collect();
    let acquired = ("acquire", None, false);
    let expected = [
        acquired,
        ("test.one_item", Some(1), false),
        acquired,
        ("test.many_items", None, true),
        acquired,
        ("test.sleep", None, true),
        acquired,
        ("test.many_items", Some(2), false),
        ("commit", None, false),
    ];
    assert_eq!((told, left_out), (expected.to_vec(), 0));
    assert!(steps.is_sorted_by_key(|step| step.after + step.took), "as they ended");
    assert!(steps[1].site.file().ends_with("watching.rs"));
    assert!(watch.take_steps().0.is_empty());
}

#[tokio::test]
async fn a_long_job_keeps_its_first_steps_and_counts_the_rest() {
    let test = TestDb::new(&[]).await;
    let watch = Watch::traced(Trace::new());
    let work = async {
        for _ in 0..100 {
            test.db.query_one(member(), &ONE, &[&1_i64]).await.unwrap();
        }
    };
    std::sync::Arc::clone(&watch).over(work).await;
    let (steps, left_out) = watch.take_steps();
    assert_eq!((steps.len(), left_out), (128, 72));
}
