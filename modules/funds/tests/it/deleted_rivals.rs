//! Deletions beside each other, beside imports, beside those who take the name.

use axum::http::StatusCode;
use jiff::civil::date;
use serde_json::{Value, json};
use underpin::{
    base::{Clock as _, UserId},
    db::Scope,
};
use underpin_funds::{
    AllocationId, Error, FundId, create_fund, delete_allocation, delete_fund, get_allocation,
    get_fund, restore_allocation, restore_fund,
};
use underpin_testkit::until;

use crate::{
    book::{Book, check_dashboards, check_portfolio},
    create::{allocation, made, pair},
    figures::check_movements,
    lists::{all_allocations, all_funds},
    site::{Answer, Site},
    stage::{DEMO, Stage},
};

const T: &str = "/v1/t/north";

async fn delete(stage: &Stage, fund: FundId, seen: &str) -> Result<(), Error> {
    let at = stage.clock.now();
    let scope = Scope::Deleted(stage.staff);
    let deleted = stage
        .db()
        .transact(scope, |tx, _| Box::pin(async move { delete_fund(tx, fund, seen, at).await }));
    deleted.await
}

#[tokio::test]
async fn of_two_who_delete_the_same_one_does() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    for _ in 0..5 {
        let (fund, investor) = pair(&site, &ada, "USD").await;
        let path = format!("{T}/funds/{fund}");
        let body = allocation(&investor, "2025-03-31", "5");
        let entered = site.make(&ada, &format!("{path}/allocations"), &body).await;
        let allocation = format!("{T}/allocations/{}", made(&entered));
        for (path, tag) in [(allocation, "\"1-1\""), (path, "\"1\"")] {
            let saw = [("if-match", tag)];
            let nothing = json!({});
            let ask = || site.write(&ada, ("DELETE", &path), &saw, &nothing);
            let (one, other) = tokio::join!(ask(), ask());
            let mut codes = [one.status.as_u16(), other.status.as_u16()];
            codes.sort_unstable();
            assert_eq!(codes, [204, 404], "{path}");
        }
    }
}

#[tokio::test]
async fn of_a_restore_and_a_new_fund_of_the_name_one_has_it() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    for _ in 0..5 {
        let name = UserId::new().to_string();
        let body = json!({"name": name, "currency": "USD"});
        let fund = made(&site.make(&ada, &format!("{T}/funds"), &body).await);
        let path = format!("{T}/funds/{fund}");
        let saw = [("if-match", "\"1\"")];
        let gone = site.write(&ada, ("DELETE", &path), &saw, &json!({})).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
        let (restore, funds, nothing) =
            (format!("{path}/restore"), format!("{T}/funds"), json!({}));
        let (restored, opened) =
            tokio::join!(site.make(&ada, &restore, &nothing), site.make(&ada, &funds, &body));
        let codes = [restored.status.as_u16(), opened.status.as_u16()];
        assert!(codes == [200, 409] || codes == [409, 201], "{codes:?}");
        let problem = |answer: &Answer| answer.json()["code"].clone();
        let loser = if codes[0] == 409 { &restored } else { &opened };
        assert_eq!(problem(loser), json!("name_taken"));
        let list = site.get(&ada, &format!("{T}/funds?q={name}")).await.json();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test]
async fn an_investor_who_is_promised_something_meanwhile_stays() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    for _ in 0..5 {
        let (fund, investor) = pair(&site, &ada, "USD").await;
        let (path, funds) =
            (format!("{T}/investors/{investor}"), format!("{T}/funds/{fund}/allocations"));
        let (body, nothing) = (allocation(&investor, "2025-03-31", "5"), Value::Null);
        let (deleted, entered) = tokio::join!(
            site.write(&ada, ("DELETE", &path), &[("if-match", "\"1\"")], &nothing),
            site.make(&ada, &funds, &body)
        );
        let codes = (deleted.status.as_u16(), entered.status.as_u16());
        assert!(codes == (204, 404) || codes == (409, 201), "{codes:?}");
    }
}

/// One column of what is there and what is not.
async fn strings(stage: &Stage, sql: &str) -> Vec<String> {
    let rows = stage.test.superuser().await.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_file_that_names_what_is_deleted_makes_it_anew() {
    let stage = Stage::new().await;
    stage.import("investor,fund,as_of,commitment\nA,X,2025-03-31,1\nB,X,2025-03-31,2\nB,Y,2025-03-31,3\n").await;
    let funds = all_funds(&stage, stage.staff, "name").await;
    delete(&stage, funds[0].id, "1").await.unwrap();
    let y = all_allocations(&stage, stage.staff, funds[1].id, None, 10).await;
    let (at, id) = (stage.clock.now(), y[0].id);
    let tag = &get_allocation(stage.db(), stage.staff, id).await.unwrap().tag();
    let deleted = stage.db().transact(Scope::Deleted(stage.staff), |tx, _| {
        Box::pin(async move { delete_allocation(tx, id, tag, at).await })
    });
    deleted.await.unwrap();
    let import = stage
        .import("investor,fund,as_of,commitment\nA,X,2025-03-31,1\nB,Y,2025-03-31,3\nB,Y,2025-06-30,4\n")
        .await;
    assert_eq!((import.counts.applied, import.error), (3, None));
    let now = all_funds(&stage, stage.staff, "name").await;
    assert_eq!((now.len(), &*now[0].name, now[0].allocations), (2, "X", 1));
    assert_ne!(now[0].id, funds[0].id);
    assert_eq!((now[1].id, now[1].allocations, now[1].sums.committed), (funds[1].id, 1, 400));
}

#[tokio::test]
async fn a_fund_that_is_deleted_between_two_chunks_of_a_file_is_made_anew_by_the_next() {
    let stage = Stage::new().await;
    stage.import("investor,fund,as_of,commitment\nP,X,2024-03-31,1\nQ,Y,2024-03-31,1\n").await;
    let funds = all_funds(&stage, stage.staff, "name").await;
    let held = stage.test.superuser().await;
    // The second chunk stands still before its report: it waits for the allocation that this holds.
    held.batch_execute("begin; select from funds.allocation where fund_id in (select id from funds.fund where name = 'Y') for update")
        .await
        .unwrap();
    let worker = stage.work(1);
    let file =
        "investor,fund,as_of,commitment\nP,X,2025-03-31,10\nQ,Y,2025-03-31,20\nP,X,2025-06-30,30\n";
    let import = stage.send(stage.staff, file.as_bytes()).await.unwrap();
    let waits = "select count(*)::text from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    until("the second chunk waits", async || (strings(&stage, waits).await == ["1"]).then_some(()))
        .await;
    delete(&stage, funds[0].id, "1").await.unwrap();
    held.batch_execute("commit").await.unwrap();
    let import = stage.over(stage.staff, import).await;
    drop(worker);
    assert_eq!((import.counts.read, import.counts.applied, import.error), (3, 3, None));
    let reports = "select concat_ws(' ', f.name, f.deleted_at is null, r.as_of, r.commitment_minor) from funds.position_report r
        join funds.allocation a on a.id = r.allocation_id join funds.fund f on f.id = a.fund_id
        where (a.deleted_at is null) = (f.deleted_at is null) order by 1";
    assert_eq!(
        strings(&stage, reports).await,
        [
            "X f 2024-03-31 100",
            "X f 2025-03-31 1000",
            "X t 2025-06-30 3000",
            "Y t 2024-03-31 100",
            "Y t 2025-03-31 2000",
        ]
    );
}

#[tokio::test]
async fn the_demo_book_is_exact_without_what_was_deleted_and_with_it_again() {
    let stage = Stage::new().await;
    stage.import_unsummed(DEMO).await;
    let book = Book::of(&stage).await;
    let dates = [date(2024, 12, 31), date(2025, 3, 31), date(2026, 1, 15)];
    let (gone, at) = (book.0[0].fund, stage.clock.now());
    let single = book.0.iter().find(|fact| fact.fund != gone).unwrap();
    let (fund, id) = (single.fund, AllocationId::from_uuid(single.allocation));
    let left = book.only(|fact| fact.fund != gone && fact.allocation != id.uuid());
    let seen = get_fund(stage.db(), stage.staff, gone, dates[2]).await.unwrap().version;
    delete(&stage, gone, &seen.to_string()).await.unwrap();
    let tag = &get_allocation(stage.db(), stage.staff, id).await.unwrap().tag();
    let deleted = stage.db().transact(Scope::Deleted(stage.staff), |tx, _| {
        Box::pin(async move { delete_allocation(tx, id, tag, at).await })
    });
    deleted.await.unwrap();
    let some: Vec<FundId> = left
        .funds()
        .into_iter()
        .filter(|f| *f == fund)
        .chain(left.funds().into_iter().take(5))
        .collect();
    // From the reports, while the import is not summed up; and from the movements.
    for summed in [false, true] {
        if summed {
            stage.sum().await;
        }
        check_portfolio(&stage, stage.staff, &left, &["USD"], &dates).await;
        check_dashboards(&stage, stage.staff, &left, &some, &dates).await;
    }
    let since = at - jiff::SignedDuration::from_hours(1);
    let restored = stage.db().transact(Scope::Deleted(stage.staff), |tx, _| {
        Box::pin(async move {
            restore_fund(tx, gone, since, at).await?;
            restore_allocation(tx, id, since, at).await
        })
    });
    restored.await.unwrap();
    check_portfolio(&stage, stage.staff, &book, &["USD"], &dates).await;
    check_dashboards(&stage, stage.staff, &book, &[gone, fund], &dates).await;
    // The fund's movements were never summed before it went: they are now.
    check_movements(&stage, stage.staff, &book).await;
}

#[tokio::test]
async fn a_new_fund_of_a_deleted_ones_name_is_another() {
    let stage = Stage::new().await;
    stage.import("investor,fund,as_of,commitment\nA,X,2025-03-31,1\n").await;
    let old = all_funds(&stage, stage.staff, "name").await.remove(0);
    delete(&stage, old.id, "1").await.unwrap();
    let at = stage.clock.now();
    let entry = &underpin_funds::FundEntry {
        name: "x".to_owned(),
        currency: "EUR".to_owned(),
        ..underpin_funds::FundEntry::default()
    };
    let made = stage
        .db()
        .transact(stage.staff, |tx, _| Box::pin(async move { create_fund(tx, entry, at).await }));
    assert_ne!(made.await.unwrap().id, old.id);
}
