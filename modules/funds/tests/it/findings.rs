//! Rows that are not right, and rows that meet others.

use underpin::base::PageQuery;
use underpin_funds::{Counts, Import, KeptFinding, list_findings};

use crate::stage::Stage;

const HEADER: &str =
    "investor,fund,as_of,commitment,called,distributed,value,currency,vintage,strategy,manager";

async fn findings(stage: &Stage, import: &Import) -> Vec<(i64, String, String, String)> {
    let page = PageQuery { limit: 200, cursor: None };
    let found = list_findings(stage.db(), stage.staff, import.id, None, &page).await.unwrap();
    assert!(found.next.is_none());
    let short = |f: KeptFinding| (f.line, f.column, f.code, f.value);
    found.items.into_iter().map(short).collect()
}

fn expected(list: &[(i64, &str, &str, &str)]) -> Vec<(i64, String, String, String)> {
    let own = |(line, column, code, value): &(i64, &str, &str, &str)| {
        (*line, (*column).to_owned(), (*code).to_owned(), (*value).to_owned())
    };
    list.iter().map(own).collect()
}

#[tokio::test]
async fn of_two_lines_about_the_same_the_first_stands_in_one_chunk_and_across_chunks() {
    let file = format!(
        "{HEADER}\nA,F,2025-03-31,100,1,,,,,,\nA,F,2025-03-31,100.00,1.0,,,,,,\na , f,2025-03-31,100,2,,,,,,\nA,G,2025-03-31,5,,,,,,,\nA,F,2025-03-31,100,,,,,,,\n"
    );
    for chunk_rows in [1, 2, 100] {
        let stage = Stage::new().await;
        let import = stage.import_in_chunks(chunk_rows, &file).await;
        let counts = Counts { read: 5, applied: 2, unchanged: 1, refused: 2, warnings: 0 };
        assert_eq!(import.counts, counts, "{chunk_rows}");
        let refused =
            [(4, "", "duplicate_row", "2025-03-31"), (6, "", "duplicate_row", "2025-03-31")];
        assert_eq!(findings(&stage, &import).await, expected(&refused));

        // Another file may correct what stands; again, only its first word counts.
        let correction = format!(
            "{HEADER}\nA,F,2025-03-31,100,3,,,,,,\nA,F,2025-03-31,100,4,,,,,,\nA,G,2025-03-31,5,,,,,,,\nA,G,2025-03-31,6,,,,,,,\n"
        );
        let import = stage.import_in_chunks(chunk_rows, &correction).await;
        let counts = Counts { read: 4, applied: 1, unchanged: 1, refused: 2, warnings: 0 };
        assert_eq!(import.counts, counts, "{chunk_rows}");
        let client = stage.test.superuser().await;
        let sql = "select commitment_minor, called_minor from funds.position_report order by 1";
        let rows = client.query(sql, &[]).await.unwrap();
        let rows: Vec<(i64, Option<i64>)> = rows.iter().map(|r| (r.get(0), r.get(1))).collect();
        assert_eq!(rows, [(500, None), (10_000, Some(300))]);
    }
}

#[tokio::test]
async fn the_first_word_on_an_attribute_stands_and_another_currency_is_refused() {
    let stage = Stage::new().await;
    let file = format!(
        "{HEADER}\nA,F,2025-03-31,1,,,,EUR,,Buyout,\nB,F,2025-03-31,1,,,,EUR,2019,,M\nC,F,2025-03-31,1,,,,USD,,,\nD,F,2025-03-31,1,,,,,,,\nE,F,2025-03-31,1,,,,EUR,2020,Venture,M\nF,K,2025-03-31,1000.4,,,,JPY,,,\n"
    );
    let import = stage.import_in_chunks(2, &file).await;
    let counts = Counts { read: 6, applied: 4, unchanged: 0, refused: 2, warnings: 2 };
    assert_eq!(import.counts, counts);
    let found = [
        (4, "currency", "currency_conflict", "USD"),
        (5, "currency", "currency_conflict", "USD"),
        (6, "vintage", "vintage_conflict", "2020"),
        (6, "strategy", "strategy_conflict", "Venture"),
    ];
    assert_eq!(findings(&stage, &import).await, expected(&found));
    let client = stage.test.superuser().await;
    let sql =
        "select currency, vintage, strategy, manager, version from funds.fund where name = 'F'";
    let row = client.query_one(sql, &[]).await.unwrap();
    let got: (String, i32, String, String, i64) =
        (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4));
    assert_eq!(got, ("EUR".into(), 2_019, "Buyout".into(), "M".into(), 2));
    let sql = "select commitment_minor from funds.position_report order by 1 desc limit 1";
    // A yen has no cents.
    assert_eq!(client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 1_000);
}

#[tokio::test]
async fn findings_are_counted_all_and_kept_up_to_ten_thousand() {
    let stage = Stage::new().await;
    let bad = "A,F,yesterday,1,,,,,,,\n".repeat(10_500);
    let import = stage.import(format!("{HEADER}\n{bad}")).await;
    let counts = Counts { read: 10_500, applied: 0, unchanged: 0, refused: 10_500, warnings: 0 };
    assert_eq!(import.counts, counts);
    assert_eq!(stage.count("funds.import_finding").await, 10_000);
    let client = stage.test.superuser().await;
    let sql =
        "select findings, (select max(line) from funds.import_finding) from funds.fund_import";
    let row = client.query_one(sql, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (10_500, 10_001));
}

#[tokio::test]
async fn a_header_without_rows_is_an_import_of_nothing() {
    let stage = Stage::new().await;
    let import = stage.import(HEADER).await;
    assert_eq!((import.state(), import.counts), ("done", Counts::default()));
}

#[tokio::test]
async fn two_imports_of_the_same_book_at_once_end_as_one() {
    let stage = Stage::new().await;
    let worker = stage.work(50);
    let other = stage.work(70);
    let file = crate::stage::DEMO;
    let (one, two) = tokio::join!(stage.send(stage.staff, file), stage.send(stage.staff, file));
    let (one, two) = (one.unwrap(), two.unwrap());
    let (one, two) = tokio::join!(stage.over(stage.staff, one), stage.over(stage.staff, two));
    drop((worker, other));
    for import in [&one, &two] {
        assert_eq!((import.state(), import.counts.read, import.counts.refused), ("done", 2_489, 0));
    }
    assert_eq!(one.counts.applied + two.counts.applied, 2_489);
    let alone = Stage::new().await;
    alone.import(file).await;
    assert_eq!(stage.digest().await.0, 2_489);
}
