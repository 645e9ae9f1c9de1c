//! Lists: each row once, in every order.

use std::collections::HashSet;

use jiff::civil::date;
use underpin::base::{PageQuery, Principal};
use underpin_funds::{Error, Fund, FundQuery, Sort, list_funds};

use crate::stage::{DEMO, Stage, member};

pub(crate) fn query(sort: &str) -> FundQuery {
    FundQuery {
        page: PageQuery { limit: 200, cursor: None },
        prefix: String::new(),
        sort: Sort::parse(sort).unwrap(),
        as_of: date(2026, 1, 15),
    }
}

/// Walk all pages.
pub(crate) async fn all_funds(stage: &Stage, by: Principal, sort: &str) -> Vec<Fund> {
    let mut query = query(sort);
    let mut funds = Vec::new();
    loop {
        let found = list_funds(stage.db(), by, &query).await.unwrap();
        funds.extend(found.page.items);
        match found.page.next {
            None => return funds,
            next => query.page.cursor = next,
        }
    }
}

/// What the order compares, as a float: only whether it rises is judged.
fn figure(fund: &Fund, sort: &str) -> Option<f64> {
    let sums = fund.sums;
    let ratio = |part: i128| (sums.called > 0).then(|| part as f64 / sums.called as f64);
    match sort {
        "vintage" => fund.vintage.map(f64::from),
        "committed" => Some(sums.committed as f64),
        "called" => Some(sums.called as f64),
        "distributed" => Some(sums.distributed as f64),
        "value" => Some(sums.value as f64),
        "unfunded" => Some((sums.committed - sums.called) as f64),
        "tvpi" => ratio(sums.distributed + sums.value),
        "dpi" => ratio(sums.distributed),
        "rvpi" => ratio(sums.value),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn every_order_meets_every_fund_once_and_those_without_the_figure_last() {
    let stage = Stage::new().await;
    stage.import(DEMO).await;
    for sort in Sort::all() {
        let name = sort.name();
        let funds = all_funds(&stage, stage.staff, &name).await;
        let distinct: HashSet<_> = funds.iter().map(|fund| fund.id).collect();
        assert_eq!((funds.len(), distinct.len()), (1_634, 1_634), "{name}");
        let (plain, sign) = name.strip_prefix('-').map_or((&*name, 1.0), |plain| (plain, -1.0));
        if plain == "name" {
            let rising = funds.iter().map(|fund| &fund.name_key);
            let falling = funds.iter().rev().map(|fund| &fund.name_key);
            assert!(if sign > 0.0 { rising.is_sorted() } else { falling.is_sorted() }, "{name}");
            continue;
        }
        let keys: Vec<f64> = funds
            .iter()
            .map(|fund| figure(fund, plain).map_or(f64::INFINITY, |figure| sign * figure))
            .collect();
        assert!(keys.is_sorted(), "{name}");
    }
}

#[tokio::test]
async fn a_prefix_finds_names_whatever_their_case_and_totals_are_of_what_matches() {
    let stage = Stage::new().await;
    stage.import(DEMO).await;
    let rhone = FundQuery { prefix: " RHÔNE  part".to_owned(), ..query("name") };
    let found = list_funds(stage.db(), stage.staff, &rhone).await.unwrap();
    let names: Vec<&str> = found.page.items.iter().map(|fund| fund.name.as_str()).collect();
    assert_eq!(names, ["Rhône Partners III", "Rhône Partners IV", "Rhône Partners V"]);
    assert_eq!(found.totals[0].count, 3);
    let committed: i128 = found.page.items.iter().map(|fund| fund.sums.committed).sum();
    assert_eq!(found.totals[0].sums.committed, committed);

    let nothing = FundQuery { prefix: "no such fund".to_owned(), ..query("-tvpi") };
    let found = list_funds(stage.db(), stage.staff, &nothing).await.unwrap();
    assert!(found.page.items.is_empty() && found.totals.is_empty());
}

#[tokio::test]
async fn a_cursor_serves_only_the_list_that_gave_it() {
    let stage = Stage::new().await;
    stage.import(DEMO).await;
    let first = list_funds(stage.db(), stage.staff, &query("value")).await.unwrap();
    let cursor = first.page.next;
    let page = PageQuery { limit: 10, cursor };
    let of = |query: FundQuery| FundQuery { page: page.clone(), ..query };
    let others = [
        (stage.staff, of(query("-value"))),
        (stage.staff, of(FundQuery { prefix: "a".to_owned(), ..query("value") })),
        (stage.staff, of(FundQuery { as_of: date(2024, 3, 31), ..query("value") })),
        (member(), of(query("value"))),
    ];
    for (by, query) in others {
        let refused = list_funds(stage.db(), by, &query).await;
        assert!(matches!(refused, Err(Error::BadCursor(_))), "{query:?}: {refused:?}");
    }
    assert!(list_funds(stage.db(), stage.staff, &of(query("value"))).await.is_ok());
}
