//! What was deleted long ago goes for good, a bounded number of rows at a time.

use std::{fmt::Write as _, time::Duration};

use jiff::Timestamp;
use underpin::{
    base::{Clock as _, PageQuery},
    db::Scope,
};
use underpin_funds::{
    Error, FundId, Purge, delete_fund, list_deleted, purge_deleted, restore_fund,
};

use crate::{lists::all_funds, stage::Stage};

const TABLES: [&str; 5] = [
    "funds.fund",
    "funds.allocation",
    "funds.position_report",
    "funds.fund_movement",
    "funds.investor",
];
const DAY: Duration = Duration::from_hours(24);
const PURGE: Purge = Purge { kept_days: 30, batch: 3 };

async fn counts(stage: &Stage) -> [i64; 5] {
    let mut counts = [0; 5];
    for (count, table) in counts.iter_mut().zip(TABLES) {
        *count = stage.count(table).await;
    }
    counts
}

/// Two funds: 7 reports of 5 allocations in one, 2 in the other; summed.
async fn stage() -> (Stage, FundId, FundId) {
    let stage = Stage::new().await;
    let mut file = "investor,fund,as_of,commitment\n".to_owned();
    for investor in 0..5 {
        let _ = writeln!(file, "I{investor},Old,2025-03-31,1");
    }
    file +=
        "I0,Old,2025-06-30,2\nI1,Old,2025-06-30,2\nI0,Young,2025-03-31,1\nI6,Young,2025-06-30,1\n";
    stage.import_unsummed(&file).await;
    stage.sum().await;
    let funds = all_funds(&stage, stage.staff, "name").await;
    let (old, young) = (funds[0].id, funds[1].id);
    (stage, old, young)
}

async fn delete(stage: &Stage, fund: FundId) {
    let at = stage.clock.now();
    let deleted = stage.db().transact(Scope::Deleted(stage.staff), |tx, _| {
        Box::pin(async move { delete_fund(tx, fund, "1", at).await })
    });
    deleted.await.unwrap();
}

async fn restore(stage: &Stage, fund: FundId) -> Result<(), Error> {
    let at = stage.clock.now();
    let since: Timestamp = at - jiff::SignedDuration::from_hours(30 * 24);
    let restored = stage.db().transact(Scope::Deleted(stage.staff), |tx, _| {
        Box::pin(async move { restore_fund(tx, fund, since, at).await.map(|_| ()) })
    });
    restored.await
}

#[tokio::test]
async fn only_what_is_old_goes_with_all_that_hangs_on_it_in_batches() {
    let (stage, old, young) = stage().await;
    assert_eq!(counts(&stage).await, [2, 7, 9, 4, 6]);
    delete(&stage, old).await;
    stage.clock.advance(29 * DAY);
    delete(&stage, young).await;
    let db = stage.db();
    assert_eq!(purge_deleted(db, PURGE, stage.clock.now()).await.unwrap(), 0);
    stage.clock.advance(DAY + Duration::from_hours(2));
    // Past its time it is neither listed nor restored, removed or not.
    let since = stage.clock.now() - jiff::SignedDuration::from_hours(30 * 24);
    let page = &PageQuery { limit: 10, cursor: None };
    let listed = list_deleted(db, stage.staff, page, since).await.unwrap();
    assert_eq!(listed.items.iter().map(|item| item.id).collect::<Vec<_>>(), [young.uuid()]);
    assert!(matches!(restore(&stage, old).await, Err(Error::NoFund(_))));
    assert_eq!(purge_deleted(db, PURGE, stage.clock.now()).await.unwrap(), 1 + 5 + 7 + 2);
    assert_eq!(counts(&stage).await, [1, 2, 2, 2, 6]);
    // Again there is nothing to do, and what is young comes back whole.
    assert_eq!(purge_deleted(db, PURGE, stage.clock.now()).await.unwrap(), 0);
    restore(&stage, young).await.unwrap();
    let funds = all_funds(&stage, stage.staff, "name").await;
    assert_eq!((funds.len(), funds[0].allocations, funds[0].sums.committed), (1, 2, 200));
}

#[tokio::test]
async fn the_platforms_role_sees_what_is_deleted_and_nothing_else() {
    let (stage, old, _) = stage().await;
    let (system, connection) =
        tokio_postgres::connect(&stage.test.system_url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let seen = async || {
        let mut seen = [0_i64; 5];
        for (count, table) in seen.iter_mut().zip(TABLES) {
            let sql = format!("select count(*) from {table}");
            *count = system.query_one(&sql, &[]).await.unwrap().get(0);
        }
        seen
    };
    assert_eq!(seen().await, [0; 5]);
    delete(&stage, old).await;
    assert_eq!(seen().await, [1, 5, 7, 2, 0]);
    let refused = system.execute("update funds.fund set deleted_at = null", &[]).await.unwrap_err();
    assert_eq!(refused.code().unwrap().code(), "42501");
    connection.abort();
}
