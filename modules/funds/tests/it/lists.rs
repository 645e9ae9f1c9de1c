//! Lists: each row once, in every order.

use std::{collections::HashSet, fmt::Write as _};

use jiff::civil::date;
use underpin::base::{PageQuery, Principal};
use underpin_funds::{
    AllocationQuery, Error, Fund, FundAllocation, FundId, FundQuery, InvestorId, Sort,
    list_fund_allocations, list_funds,
};

use crate::stage::{DEMO, Stage, member};

pub(crate) fn query(sort: &str) -> FundQuery {
    FundQuery {
        page: PageQuery { limit: 200, cursor: None },
        prefix: String::new(),
        vintage: None,
        sort: Sort::parse(sort).unwrap(),
        as_of: date(2026, 1, 15),
    }
}

/// Walk all pages.
pub(crate) async fn all_funds(stage: &Stage, by: Principal, sort: &str) -> Vec<Fund> {
    all_that_match(stage, by, query(sort)).await
}

async fn all_that_match(stage: &Stage, by: Principal, mut query: FundQuery) -> Vec<Fund> {
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

pub(crate) fn allocation_query(investor: Option<InvestorId>, limit: u32) -> AllocationQuery {
    AllocationQuery { page: PageQuery { limit, cursor: None }, investor, as_of: date(2026, 1, 15) }
}

/// Walk all pages of so many allocations of a fund.
pub(crate) async fn all_allocations(
    stage: &Stage,
    by: Principal,
    fund: FundId,
    investor: Option<InvestorId>,
    limit: u32,
) -> Vec<FundAllocation> {
    let mut query = allocation_query(investor, limit);
    let mut all = Vec::new();
    loop {
        let listed = list_fund_allocations(stage.db(), by, fund, &query).await.unwrap();
        assert!(listed.page.items.len() <= limit as usize);
        all.extend(listed.page.items);
        match listed.page.next {
            None => return all,
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
async fn a_vintage_finds_its_funds_in_every_order_and_within_a_search() {
    let stage = Stage::new().await;
    stage.import(DEMO).await;
    let all = all_funds(&stage, stage.staff, "name").await;
    let expected: HashSet<_> =
        all.iter().filter(|fund| fund.vintage == Some(2019)).map(|fund| fund.id).collect();
    assert!(expected.len() > 50 && expected.len() < all.len(), "{}", expected.len());
    for sort in Sort::all() {
        let page = PageQuery { limit: 50, cursor: None };
        let of_2019 = FundQuery { vintage: Some(2019), page, ..query(&sort.name()) };
        let funds = all_that_match(&stage, stage.staff, of_2019).await;
        let found: HashSet<_> = funds.iter().map(|fund| fund.id).collect();
        assert_eq!((funds.len(), &found), (expected.len(), &expected), "{}", sort.name());
    }

    let both = FundQuery { vintage: Some(2019), prefix: "a".to_owned(), ..query("name") };
    let found = list_funds(stage.db(), stage.staff, &both).await.unwrap();
    let names: Vec<_> = found.page.items.iter().map(|fund| (&fund.name_key, fund.id)).collect();
    assert!(!names.is_empty() && names.is_sorted());
    assert!(names.iter().all(|(name, id)| name.starts_with('a') && expected.contains(id)));
    assert_eq!(found.totals.iter().map(|total| total.count).sum::<i64>(), names.len() as i64);

    let none = FundQuery { vintage: Some(1901), ..query("-value") };
    let found = list_funds(stage.db(), stage.staff, &none).await.unwrap();
    assert!(found.page.items.is_empty() && found.totals.is_empty());
}

#[tokio::test]
async fn the_pages_of_a_funds_allocations_meet_each_once_by_investor_deal_and_tranche() {
    let stage = Stage::new().await;
    let mut file = "investor,fund,as_of,commitment\n".to_owned();
    for row in 0..450 {
        let _ = writeln!(file, "Investor {:03},Wide,2024-03-31,{row}.25", (row * 7) % 450);
    }
    stage.import(file).await;
    let fund = all_funds(&stage, stage.staff, "name").await.remove(0);
    let first = all_allocations(&stage, stage.staff, fund.id, None, 200).await.remove(0);
    // Two more of the first investor, which only deal and tranche tell apart.
    let again = "insert into funds.allocation (tenant_id, id, fund_id, investor_id, deal_ref, tranche, created_at, created_by) \
        select tenant_id, gen_random_uuid(), fund_id, investor_id, n.deal, n.tranche, created_at, created_by \
        from funds.allocation, (values ('', 2), ('b', 1)) as n (deal, tranche) where id = $1";
    let client = stage.test.superuser().await;
    assert_eq!(client.execute(again, &[&first.id.uuid()]).await.unwrap(), 2);

    for limit in [1, 150, 200] {
        let all = all_allocations(&stage, stage.staff, fund.id, None, limit).await;
        let distinct: HashSet<_> = all.iter().map(|allocation| allocation.id).collect();
        assert_eq!((all.len(), distinct.len()), (452, 452), "{limit}");
        let keys = all.iter().map(|one| (&one.investor_name, &one.deal_ref, one.tranche));
        assert!(keys.is_sorted(), "{limit}");
        let committed: i128 = all.iter().map(|allocation| allocation.sums.committed).sum();
        assert_eq!(committed, fund.sums.committed);
    }
    let own = all_allocations(&stage, stage.staff, fund.id, Some(first.investor), 1).await;
    let deals: Vec<_> = own.iter().map(|one| (&*one.deal_ref, one.tranche)).collect();
    assert_eq!(deals, [("", 1), ("", 2), ("b", 1)]);
    assert_eq!((own[0].id, own[1].as_of), (first.id, None));
}

#[tokio::test]
async fn a_cursor_of_allocations_serves_only_the_list_that_gave_it() {
    let stage = Stage::new().await;
    stage.import(DEMO).await;
    let mut funds = all_funds(&stage, stage.staff, "name").await;
    funds.sort_by_key(|fund| std::cmp::Reverse(fund.allocations));
    let first = allocation_query(None, 1);
    let found = list_fund_allocations(stage.db(), stage.staff, funds[0].id, &first).await.unwrap();
    let page = PageQuery { limit: 10, cursor: found.page.next };
    assert!(page.cursor.is_some());
    let of = |query: AllocationQuery| AllocationQuery { page: page.clone(), ..query };
    let investor = Some(found.page.items[0].investor);
    let others = [
        (funds[1].id, of(first.clone())),
        (funds[0].id, of(AllocationQuery { as_of: date(2024, 3, 31), ..first.clone() })),
        (funds[0].id, of(AllocationQuery { investor, ..first.clone() })),
    ];
    for (fund, query) in others {
        let refused = list_fund_allocations(stage.db(), stage.staff, fund, &query).await;
        assert!(matches!(refused, Err(Error::BadCursor(_))), "{query:?}: {refused:?}");
    }
    let next = list_fund_allocations(stage.db(), stage.staff, funds[0].id, &of(first)).await;
    assert_eq!(next.unwrap().page.items.len() as i64, funds[0].allocations - 1);
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
        (stage.staff, of(FundQuery { vintage: Some(2019), ..query("value") })),
        (member(), of(query("value"))),
    ];
    for (by, query) in others {
        let refused = list_funds(stage.db(), by, &query).await;
        assert!(matches!(refused, Err(Error::BadCursor(_))), "{query:?}: {refused:?}");
    }
    assert!(list_funds(stage.db(), stage.staff, &of(query("value"))).await.is_ok());
}
