//! A request that asks the database once per item is seen.

use underpin_base::{Principal, Role, TenantId, UserId};
use underpin_db::{
    Error, statements,
    watch::{Suspicion, Watch, allow_fanout},
};
use underpin_testkit::TestDb;

statements! {
    ONE: "test.one_item" (INT8) -> (INT8) = "select $1";
    MANY: "test.many_items" (INT8) -> (INT8) = "select generate_series(1, $1)";
}

fn member() -> Principal {
    Principal { tenant: TenantId::new(), subject: UserId::new(), role: Role::Member }
}

async fn run(test: &TestDb, arguments: &[i64]) -> std::sync::Arc<Watch> {
    assert_eq!(ALL.len(), 2);
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
}
