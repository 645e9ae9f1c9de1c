//! The real book: sums to the cent, and nothing changes when it comes again.

use jiff::civil::{Date, date};
use underpin::base::PageQuery;
use underpin_funds::{Counts, Severity, Sums, get_fund, list_findings, list_funds, list_investors};

use crate::{
    lists::{all_allocations, all_funds, query},
    stage::{DEMO, Stage},
};

/// Investor, allocations, committed, called, distributed, value, in cents.
type Expected = (&'static str, i64, [i128; 4]);

const LATEST: [Expected; 5] = [
    (
        "CalPERS",
        429,
        [13_356_023_069_200, 10_698_600_607_200, 7_122_591_367_100, 8_651_677_389_600],
    ),
    ("CalSTRS", 469, [8_116_666_411_900, 6_881_388_978_000, 6_798_622_674_600, 4_359_719_032_900]),
    (
        "NY Common",
        390,
        [7_265_865_990_400, 6_597_903_227_300, 6_251_380_114_300, 4_077_289_233_700],
    ),
    ("Oregon", 402, [5_812_730_000_000, 5_745_340_000_000, 7_011_680_000_000, 2_541_170_000_000]),
    ("WSIB", 462, [9_996_579_384_500, 9_253_870_648_500, 9_982_131_459_800, 5_278_632_187_500]),
];
const ALL: [i128; 4] =
    [44_547_864_856_000, 39_177_103_461_000, 37_166_405_615_800, 24_908_487_843_700];
const NY_2024: [i128; 4] =
    [6_626_497_162_600, 6_091_712_600_800, 5_595_477_561_600, 3_948_417_925_600];

const fn figures(sums: &Sums) -> [i128; 4] {
    [sums.committed, sums.called, sums.distributed, sums.value]
}

async fn check_sums(stage: &Stage) {
    let page = &PageQuery { limit: 200, cursor: None };
    let today = date(2026, 1, 15);
    let found = list_investors(stage.db(), stage.staff, page, today).await.unwrap();
    let got: Vec<_> = found
        .page
        .items
        .iter()
        .map(|i| (i.name.as_str(), i.totals[0].count, figures(&i.totals[0].sums)))
        .collect();
    assert_eq!(got, LATEST);
    assert_eq!((found.count, figures(&found.totals[0].sums)), (5, ALL));

    let then: Date = date(2024, 3, 31);
    let found = list_investors(stage.db(), stage.staff, page, then).await.unwrap();
    let ny = &found.page.items[2];
    assert_eq!((ny.name.as_str(), figures(&ny.totals[0].sums)), ("NY Common", NY_2024));
    assert_eq!(figures(&found.totals[0].sums), NY_2024);
}

async fn check_book(stage: &Stage, file: &[u8]) {
    let import = stage.import(file).await;
    let expected = Counts { read: 2_489, applied: 2_489, unchanged: 0, refused: 0, warnings: 176 };
    assert_eq!((import.state(), import.counts), ("done", expected));
    assert_eq!(import.bytes_read, file.len() as i64);
    for (table, count) in
        [("fund", 1_634), ("investor", 5), ("allocation", 2_152), ("position_report", 2_489)]
    {
        assert_eq!(stage.count(&format!("funds.{table}")).await, count, "{table}");
    }
    check_sums(stage).await;
}

#[tokio::test]
async fn the_demo_book_gives_the_sums_of_the_publications_to_the_cent() {
    let stage = Stage::new().await;
    check_book(&stage, DEMO).await;

    let book = list_funds(stage.db(), stage.staff, &query("name")).await.unwrap();
    assert_eq!((book.totals.len(), book.totals[0].count), (1, 1_634));
    assert_eq!(figures(&book.totals[0].sums), ALL);
    let funds = all_funds(&stage, stage.staff, "name").await;
    let sum = |pick: fn(&Sums) -> i128| funds.iter().map(|fund| pick(&fund.sums)).sum::<i128>();
    assert_eq!(
        [sum(|s| s.committed), sum(|s| s.called), sum(|s| s.distributed), sum(|s| s.value)],
        ALL
    );

    let fund = funds.iter().find(|fund| fund.name == "Blackstone Capital Partners VI").unwrap();
    let again = get_fund(stage.db(), stage.staff, fund.id, date(2026, 1, 15)).await.unwrap();
    let allocations = all_allocations(&stage, stage.staff, fund.id, None, 2).await;
    assert_eq!(again.sums, fund.sums);
    assert_eq!(allocations.len() as i64, fund.allocations);
    let sum: i128 = allocations.iter().map(|allocation| allocation.sums.value).sum();
    assert_eq!(sum, fund.sums.value);
}

#[tokio::test]
async fn the_same_bytes_again_change_nothing_whatever_the_chunks() {
    let stage = Stage::new().await;
    stage.import(DEMO).await;
    let before = stage.digest().await;
    let again = stage.import_in_chunks(97, DEMO).await;
    let expected = Counts { read: 2_489, applied: 0, unchanged: 2_489, refused: 0, warnings: 176 };
    assert_eq!(again.counts, expected);
    assert_eq!(stage.digest().await, before);
}

#[tokio::test]
async fn funds_with_two_vintages_are_listed_as_warnings() {
    let stage = Stage::new().await;
    let import = stage.import_in_chunks(500, DEMO).await;
    let mut page = PageQuery { limit: 100, cursor: None };
    let mut lines = Vec::new();
    loop {
        let found =
            list_findings(stage.db(), stage.staff, import.id, Some(Severity::Warning), &page);
        let found = found.await.unwrap();
        assert!(found.items.iter().all(|finding| finding.code == "vintage_conflict"));
        lines.extend(found.items.iter().map(|finding| finding.line as usize));
        match found.next {
            None => break,
            next => page.cursor = next,
        }
    }
    assert_eq!(lines.len(), 176);
    assert!(lines.is_sorted());
    let text = str::from_utf8(DEMO).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    let mut funds: Vec<&str> = lines.iter().map(|line| fund_of(rows[line - 1])).collect();
    funds.sort_unstable();
    funds.dedup();
    assert_eq!(funds.len(), 110);
}

/// The second cell of a line; investors are never quoted, funds with a comma are.
fn fund_of(line: &str) -> &str {
    let (_, rest) = line.split_once(',').unwrap();
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').unwrap().0,
        None => rest.split_once(',').unwrap().0,
    }
}

#[tokio::test]
async fn the_original_file_gives_the_same_book() {
    let path = std::env::var("UNDERPIN_PENSION_COMMITMENTS")
        .unwrap_or_else(|_| "../../../shared/data/funds/pension_commitments.csv".to_owned());
    let Ok(original) = std::fs::read(&path) else {
        eprintln!("skipped: {path} is not there");
        return;
    };
    let stage = Stage::new().await;
    check_book(&stage, &original).await;
    let from_original = stage.digest().await;
    let other = Stage::new().await;
    other.import(DEMO).await;
    assert_eq!(other.digest().await, from_original);
}
