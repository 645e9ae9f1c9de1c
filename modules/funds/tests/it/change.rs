//! What people change: only what they saw.

use axum::http::StatusCode;
use serde_json::{Value, json};
use underpin::base::UserId;
use underpin_testkit::until;

use crate::{
    book::{Book, check_dashboards},
    create::{allocation, made, pair},
    figures::check_movements,
    site::{Answer, Site, link},
};

const FUNDS: &str = "/v1/t/north/funds";

/// An allocation with one report, and its path and tag.
async fn entered(site: &Site, by: &str) -> (String, String, String) {
    let (fund, investor) = pair(site, by, "USD").await;
    let body = allocation(&investor, "2025-03-31", "5");
    let answer = site.make(by, &format!("{FUNDS}/{fund}/allocations"), &body).await;
    let path = format!("/v1/t/north/allocations/{}", made(&answer));
    (fund, path, answer.header("etag").to_owned())
}

fn ok(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn a_fund_is_changed_field_by_field_and_told_in_both_rooms() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    let (fund, _) = pair(&site, &ada, "USD").await;
    let path = format!("{FUNDS}/{fund}");
    let first = site
        .change(
            &ada,
            &path,
            "\"1\"",
            &json!({"name": " New  name ", "vintage": 2001, "strategy": "Buyout"}),
        )
        .await;
    let expected = json!({"id": fund, "name": "New name", "currency": "USD", "vintage": 2001, "strategy": "Buyout",
        "manager": null, "version": 2});
    assert_eq!((ok(&first), first.header("etag")), (expected, "\"2\""));
    let second = site.change(&ada, &path, "\"2\"", &json!({"vintage": null, "manager": "M"})).await;
    let expected = json!({"id": fund, "name": "New name", "currency": "USD", "vintage": null, "strategy": "Buyout",
        "manager": "M", "version": 3});
    assert_eq!(ok(&second), expected);
    assert_eq!(site.get(&ada, &path).await.header("etag"), "\"3\"");
    let told = site.told().await;
    let changed = json!({"fund_id": fund, "version": 3, "fields": ["vintage", "manager"]});
    assert_eq!(
        told[told.len() - 2..],
        [
            json!([format!("fund/{fund}"), "tenant", null, "fund.changed", 3, changed]),
            json!(["funds", "staff", null, "fund.changed", 3, changed]),
        ]
    );
}

#[tokio::test]
async fn a_fund_is_not_changed_blindly_emptily_or_into_another_ones_name() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    let (fund, _) = pair(&site, &ada, "USD").await;
    made(&site.make(&ada, FUNDS, &json!({"name": "Taken", "currency": "USD"})).await);
    let path = format!("{FUNDS}/{fund}");
    let name = json!({"name": "N"});
    let told = site.told().await.len();
    for (headers, body, status, code) in [
        (&[][..], &name, 428, "precondition_required"),
        (&[("if-match", "*")], &name, 400, "malformed"),
        (&[("if-match", "W/\"1\"")], &name, 400, "malformed"),
        (&[("if-match", "\"1\", \"2\"")], &name, 400, "malformed"),
        (&[("if-match", "\"2\"")], &name, 412, "version_conflict"),
        (&[("if-match", "\"0\"")], &name, 412, "version_conflict"),
        (&[("if-match", "\"01\"")], &name, 412, "version_conflict"),
        (&[("if-match", "\"1\"")], &json!({"name": "tAKEN"}), 409, "name_taken"),
        (&[("if-match", "\"1\"")], &json!({}), 422, "invalid"),
        (&[("if-match", "\"1\"")], &json!({"name": null}), 422, "invalid"),
        (&[("if-match", "\"1\"")], &json!({"currency": "EUR"}), 422, "invalid"),
        (&[("if-match", "\"1\"")], &json!({"vintage": 99}), 422, "invalid"),
    ] {
        let answer = site.write(&ada, ("PATCH", &path), headers, body).await;
        assert_eq!(answer.problem(), (status, code.to_owned()), "{headers:?} {body}");
    }
    let faults =
        site.change(&ada, &path, "\"1\"", &json!({"name": null, "vintage": 99})).await.faults();
    assert_eq!(
        faults,
        [("name", "missing"), ("vintage", "not_a_year")].map(|(f, c)| (f.to_owned(), c.to_owned()))
    );
    assert_eq!(site.told().await.len(), told);
    // Its own name in other letters is no other's.
    let own = site.get(&ada, &path).await.json()["name"].as_str().unwrap().to_uppercase();
    assert_eq!(ok(&site.change(&ada, &path, "\"1\"", &json!({"name": own})).await)["name"], own);
}

#[tokio::test]
async fn an_allocation_is_changed_with_its_report_and_told_to_its_person() {
    let site = Site::new().await;
    let mel = site.token("ada").await;
    let (fund, path, tag) = entered(&site, &mel).await;
    let name = site.get(&mel, &path).await.json()["investor"]["name"].as_str().unwrap().to_owned();
    let ivy = site.principal("ivy").await.subject;
    link(&site, &name, ivy).await;
    let body = json!({"deal_ref": "B", "tranche": 3, "report": {"as_of": "2025-06-30", "commitment": "7.50", "called": "1"}});
    let changed = site.change(&mel, &path, &tag, &body).await;
    let shown = ok(&changed);
    assert_eq!(
        (&shown["deal_ref"], &shown["tranche"], &shown["version"], changed.header("etag")),
        (&json!("B"), &json!(3), &json!(2), "\"2-2\"")
    );
    let reports: Vec<&Value> =
        shown["reports"].as_array().unwrap().iter().map(|r| &r["as_of"]).collect();
    assert_eq!(reports, ["2025-06-30", "2025-03-31"]);
    // The report of a date that has one takes its place.
    let body = json!({"report": {"as_of": "2025-03-31", "commitment": "6"}});
    let again = site.change(&mel, &path, "\"2-2\"", &body).await;
    assert_eq!(
        (ok(&again)["reports"][1]["commitment"]["amount"].clone(), again.header("etag")),
        (json!("6.00"), "\"3-3\"")
    );
    let board = site.get(&mel, &format!("{FUNDS}/{fund}/dashboard")).await.json();
    let committed: Vec<&Value> = board["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["positions"]["committed"]["amount"])
        .collect();
    assert_eq!(committed, ["6.00", "7.50"]);
    assert_eq!(board["previous"], board["history"][0]);

    let told = site.told().await;
    let id = shown["id"].as_str().unwrap();
    let payload = json!({"fund_id": fund, "allocation_id": id});
    let topic = format!("fund/{fund}");
    assert_eq!(
        told[told.len() - 4..],
        [
            json!([topic, "staff", null, "allocation.changed", 3, payload]),
            json!(["funds", "staff", null, "allocation.changed", 3, payload]),
            json!([topic, "user", ivy.to_string(), "allocation.changed", 3, payload]),
            json!(["funds", "user", ivy.to_string(), "allocation.changed", 3, payload]),
        ]
    );
}

#[tokio::test]
async fn an_allocation_is_not_changed_blindly_emptily_or_into_another_one() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    let (fund, investor) = pair(&site, &ada, "USD").await;
    let mut body = allocation(&investor, "2025-03-31", "5");
    let all = format!("{FUNDS}/{fund}/allocations");
    let path = format!("/v1/t/north/allocations/{}", made(&site.make(&ada, &all, &body).await));
    body["tranche"] = json!(2);
    made(&site.make(&ada, &all, &body).await);
    let tranche = json!({"tranche": 3});
    let negative = json!({"report": {"as_of": "2025-03-31", "commitment": "-1"}});
    for (headers, body, status, code) in [
        (&[][..], &tranche, 428, "precondition_required"),
        (&[("if-match", "1-1")], &tranche, 400, "malformed"),
        (&[("if-match", "\"1\"")], &tranche, 412, "version_conflict"),
        (&[("if-match", "\"1-2\"")], &tranche, 412, "version_conflict"),
        (&[("if-match", "\"1-1\"")], &json!({}), 422, "invalid"),
        (&[("if-match", "\"1-1\"")], &json!({"tranche": null}), 422, "invalid"),
        (&[("if-match", "\"1-1\"")], &json!({"tranche": 0}), 422, "invalid"),
        (&[("if-match", "\"1-1\"")], &negative, 422, "invalid"),
        (&[("if-match", "\"1-1\"")], &json!({"tranche": 2}), 409, "allocation_exists"),
    ] {
        let answer = site.write(&ada, ("PATCH", &path), headers, body).await;
        assert_eq!(answer.problem(), (status, code.to_owned()), "{headers:?} {body}");
    }
    let faults = site.change(&ada, &path, "\"1-1\"", &negative).await.faults();
    assert_eq!(faults, [("report.commitment".to_owned(), "negative_commitment".to_owned())]);
}

#[tokio::test]
async fn who_may_not_change_is_told_so_and_strangers_find_nothing() {
    let site = Site::new().await;
    let (ada, mel) = (site.token("ada").await, site.token("mel").await);
    let (ivy, sue) = (site.token("ivy").await, site.token("sue").await);
    let (fund, allocation, tag) = entered(&site, &ada).await;
    let fund_path = format!("{FUNDS}/{fund}");
    let id = allocation.rsplit('/').next().unwrap();
    let (forbidden, missing) = ((403, "forbidden".to_owned()), (404, "not_found".to_owned()));
    let name = json!({"name": "N"});
    let tranche = json!({"tranche": 5});
    let nobody = UserId::new();
    for (token, path, tag, body, expected) in [
        (&mel, fund_path.clone(), "\"1\"", &name, &forbidden),
        (&ivy, fund_path.clone(), "\"1\"", &name, &forbidden),
        (&ivy, allocation.clone(), &tag, &tranche, &forbidden),
        (&sue, fund_path.clone(), "\"1\"", &name, &missing),
        (&sue, format!("/v1/t/south/funds/{fund}"), "\"1\"", &name, &missing),
        (&sue, allocation.clone(), &tag, &tranche, &missing),
        (&sue, format!("/v1/t/south/allocations/{id}"), &tag, &tranche, &missing),
        (&ada, format!("{FUNDS}/{nobody}"), "\"1\"", &name, &missing),
        (&ada, format!("/v1/t/north/allocations/{nobody}"), &tag, &tranche, &missing),
        (&ada, "/v1/t/north/allocations/no-uuid".to_owned(), &tag, &tranche, &missing),
    ] {
        assert_eq!(site.change(token, &path, tag, body).await.problem(), *expected, "{path}");
    }
    for (token, path) in [
        (&ivy, allocation.clone()),
        (&sue, allocation.clone()),
        (&sue, format!("/v1/t/south/allocations/{id}")),
        (&ivy, format!("{fund_path}/dashboard")),
        (&sue, format!("/v1/t/south/funds/{fund}/dashboard")),
        (&ada, format!("{FUNDS}/{nobody}/dashboard")),
        (&ada, format!("{FUNDS}/no-uuid/dashboard")),
        (&sue, "/v1/t/north/portfolio".to_owned()),
    ] {
        assert_eq!(site.get(token, &path).await.problem(), missing, "{path}");
    }
    for query in ["as_of=yesterday", "as_of=2025-02-30", "as_of=20250331T0"] {
        for path in [format!("{fund_path}/dashboard"), "/v1/t/north/portfolio".to_owned()] {
            let answer = site.get(&ada, &format!("{path}?{query}")).await;
            assert_eq!(answer.faults()[0].0, "as_of", "{path}?{query}");
        }
    }
    let answer = site.get(&ada, "/v1/t/north/portfolio?currency=usd").await;
    assert_eq!(answer.faults(), [("currency".to_owned(), "not_a_currency".to_owned())]);
    ok(&site.change(&mel, &allocation, &tag, &tranche).await);
}

#[tokio::test]
async fn of_two_changes_of_what_both_saw_one_is_made() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    for _ in 0..5 {
        let (fund, path, tag) = entered(&site, &ada).await;
        let fund = format!("{FUNDS}/{fund}");
        let (one, two) = (json!({"vintage": 2001}), json!({"vintage": 2002}));
        let both = tokio::join!(
            site.change(&ada, &fund, "\"1\"", &one),
            site.change(&ada, &fund, "\"1\"", &two)
        );
        let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        let report =
            |n: u32| json!({"report": {"as_of": "2025-03-31", "commitment": format!("{n}")}});
        let (one, two) = (report(1), report(2));
        let both = tokio::join!(
            site.change(&ada, &path, &tag, &one),
            site.change(&ada, &path, &tag, &two)
        );
        let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
    }
}

#[tokio::test]
async fn a_change_waits_for_a_chunk_that_writes_the_same_report_and_then_sees_it() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    let (_, path, tag) = entered(&site, &ada).await;
    let mut chunk = site.stage.test.superuser().await;
    let chunk = chunk.transaction().await.unwrap();
    let id: uuid::Uuid = path.rsplit('/').next().unwrap().parse().unwrap();
    let sql = "update funds.position_report set version = version + 1, commitment_minor = 1 where allocation_id = $1";
    assert_eq!(chunk.execute(sql, &[&id]).await.unwrap(), 1);
    let body = json!({"report": {"as_of": "2025-03-31", "commitment": "9"}});
    let change = site.change(&ada, &path, &tag, &body);
    let commit = async {
        let watcher = site.stage.test.superuser().await;
        let waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        until("the change waits", async || {
            (!watcher.query(waiting, &[]).await.unwrap().is_empty()).then_some(())
        })
        .await;
        chunk.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(change, commit);
    assert_eq!(answer.problem(), (412, "version_conflict".to_owned()));
}

#[tokio::test]
async fn changes_beside_an_import_of_the_same_book_lose_nothing() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    let principal = site.principal("ada").await;
    let line = |n: usize, amount: usize| {
        format!("I{},F{},2025-0{}-28,{amount}.25\n", n % 5, n % 3, 1 + n % 7)
    };
    let file = |amount: usize| {
        let lines = (0..105).map(|n| line(n, amount)).collect::<String>();
        format!("investor,fund,as_of,commitment\n{lines}")
    };
    let stage = &site.stage;
    let first = stage.send(principal, file(1).as_bytes()).await.unwrap();
    let worker = stage.work(10);
    stage.over(principal, first).await;
    let client = stage.test.superuser().await;
    let rows = client.query("select id from funds.allocation order by id", &[]).await.unwrap();
    let paths: Vec<String> = rows
        .iter()
        .map(|row| format!("/v1/t/north/allocations/{}", row.get::<_, uuid::Uuid>(0)))
        .collect();
    // What was seen before an import is not what is there after it.
    let seen = site.get(&ada, &paths[0]).await.header("etag").to_owned();
    for amount in 2..6 {
        let import = stage.send(principal, file(amount).as_bytes()).await.unwrap();
        let changes = async {
            let (mut made, mut refused) = (0, 0);
            for (n, path) in paths.iter().cycle().take(60).enumerate() {
                let tag = site.get(&ada, path).await.header("etag").to_owned();
                let body = json!({"report": {"as_of": format!("2025-0{}-28", 1 + n % 9), "commitment": format!("{n}")}});
                match site.change(&ada, path, &tag, &body).await.status.as_u16() {
                    200 => made += 1,
                    412 => refused += 1,
                    other => panic!("{other}"),
                }
            }
            (made, refused)
        };
        let ((made, refused), import) = tokio::join!(changes, stage.over(principal, import));
        assert_eq!((made + refused, import.state()), (60, "done"), "{import:?}");
        assert!(made > 0);
        let counts = import.counts;
        assert_eq!(counts.read, counts.applied + counts.unchanged + counts.refused);
    }
    let body = json!({"tranche": 2});
    let late = site.change(&ada, &paths[0], &seen, &body).await;
    assert_eq!(late.problem(), (412, "version_conflict".to_owned()));
    stage.sum().await;
    drop(worker);
    let book = Book::of_tenant(stage, principal).await;
    check_dashboards(
        stage,
        principal,
        &book,
        &book.funds(),
        &[jiff::civil::date(2025, 4, 1), jiff::civil::date(2026, 1, 1)],
    )
    .await;
    check_movements(stage, principal, &book).await;
}
