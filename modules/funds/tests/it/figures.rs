//! Dashboards and portfolios say what the reports say, read from the movements and from the reports alike.

use std::fmt::Write as _;

use jiff::civil::{Date, date};
use underpin::base::{Clock, Principal, Role, UserId};
use underpin_funds::{
    AllocationChange, AllocationEntry, Error, FundId, ReportEntry, create_allocation,
    get_allocation, get_dashboard, get_portfolio, update_allocation,
};

use crate::{
    book::{Book, check_dashboards, check_portfolio},
    isolation::investor_of,
    stage::{DEMO, Stage, member},
};

const DATES: [Date; 6] = [
    date(1990, 1, 1),
    date(2024, 3, 31),
    date(2024, 12, 31),
    date(2025, 3, 31),
    date(2025, 6, 29),
    date(2026, 1, 15),
];

/// The funds with most allocations, and some others.
fn some_funds(book: &Book, count: usize) -> Vec<FundId> {
    let mut funds: Vec<FundId> = book.0.iter().map(|fact| fact.fund).collect();
    funds.sort_unstable();
    let mut counted: Vec<(usize, FundId)> =
        funds.chunk_by(|a, b| a == b).map(|same| (same.len(), same[0])).collect();
    counted.sort_unstable_by(|a, b| b.cmp(a));
    counted.iter().map(|(_, fund)| *fund).take(count).collect()
}

#[tokio::test]
async fn the_demo_book_is_summed_to_the_cent_from_its_reports_and_from_its_movements() {
    let stage = Stage::new().await;
    stage.import_unsummed(DEMO).await;
    let book = Book::of(&stage).await;
    let funds = some_funds(&book, 25);
    let oregon = investor_of(&stage, "Oregon").await;
    let own = book.only(|fact| fact.name == "Oregon");
    for summed in [false, true] {
        if summed {
            stage.sum().await;
        }
        assert_eq!(stage.unsummed().await, i64::from(!summed));
        check_dashboards(&stage, stage.staff, &book, &funds, &DATES).await;
        check_portfolio(&stage, stage.staff, &book, &["USD"], &DATES).await;
        check_portfolio(&stage, oregon, &own, &["USD"], &DATES).await;
        check_dashboards(&stage, oregon, &own, &some_funds(&own, 10), &DATES).await;
    }
    // Of every fund, not only of some, the movements are what the reports say.
    check_movements(&stage, stage.staff, &book).await;
}

/// Every movement against the book.
pub(crate) async fn check_movements(stage: &Stage, by: Principal, book: &Book) {
    let client = stage.test.superuser().await;
    let sql = "select fund_id, as_of, committed_minor::text, called_minor::text, distributed_minor::text, value_minor::text
        from funds.fund_movement where tenant_id = $1 order by fund_id, as_of";
    let rows = client.query(sql, &[&by.tenant.uuid()]).await.unwrap();
    let mut rows = rows.iter();
    for fund in book.funds() {
        let own = book.only(|fact| fact.fund == fund);
        let mut before = [0_i128; 4];
        for state in own.history() {
            let row = rows.next().unwrap();
            assert_eq!(
                (row.get::<_, uuid::Uuid>(0), row.get::<_, Date>(1)),
                (fund.uuid(), state.as_of)
            );
            let sums = state.sums;
            let now = [sums.committed, sums.called, sums.distributed, sums.value];
            for (index, (now, before)) in now.iter().zip(before).enumerate() {
                let moved: i128 = row.get::<_, &str>(index + 2).parse().unwrap();
                assert_eq!(moved, now - before, "{fund} {}", state.as_of);
            }
            before = now;
        }
    }
    assert!(rows.next().is_none());
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// An amount in cents as text, or an empty cell.
    fn cell(&mut self) -> String {
        match self.below(4) {
            0 => String::new(),
            1 => format!("-{}.{:02}", self.below(1_000_000), self.below(100)),
            _ => format!("{}.{:02}", self.below(100_000_000_000), self.below(100)),
        }
    }

    fn date(&mut self) -> String {
        format!("20{}-{:02}-28", 20 + self.below(4), 1 + self.below(12))
    }

    /// A file with gaps, empty cells, two currencies, dates in no order, some of them in the future.
    fn file(&mut self, rows: usize) -> String {
        let mut file =
            "investor,fund,currency,vintage,as_of,commitment,called,distributed,value\n".to_owned();
        for _ in 0..rows {
            let fund = self.below(9);
            let currency = if fund.is_multiple_of(3) { "EUR" } else { "USD" };
            let vintage =
                if fund.is_multiple_of(4) { String::new() } else { format!("{}", 2000 + fund % 3) };
            let (investor, date) = (self.below(130), self.date());
            let committed = format!("{}.{:02}", self.below(1_000_000_000), self.below(100));
            let (called, distributed, value) = (self.cell(), self.cell(), self.cell());
            let _ = writeln!(
                file,
                "Investor {investor},Fund {fund},{currency},{vintage},{date},{committed},{called},{distributed},{value}"
            );
        }
        file
    }

    fn report(&mut self) -> ReportEntry {
        let mut cell = || Some(self.cell()).filter(|cell| !cell.is_empty());
        let (called, distributed, value) = (cell(), cell(), cell());
        ReportEntry {
            as_of: self.date(),
            commitment: "17.25".to_owned(),
            called,
            distributed,
            value,
        }
    }
}

/// A change by hand: a new tranche, or another report of an allocation that is there.
async fn change(stage: &Stage, numbers: &mut Numbers, book: &Book, tranche: i32) {
    let at = stage.clock.now();
    let fact = &book.0[numbers.below(book.0.len() as u64) as usize];
    let report = numbers.report();
    if numbers.below(2) == 0 {
        let (fund, investor) = (fact.fund, fact.investor);
        let entered = &AllocationEntry { investor, deal_ref: None, tranche: Some(tranche), report };
        let made = stage.db().transact(stage.staff, |tx, _| {
            Box::pin(async move { create_allocation(tx, fund, entered, at).await })
        });
        made.await.unwrap();
        return;
    }
    let id = underpin_funds::AllocationId::from_uuid(fact.allocation);
    let seen = &get_allocation(stage.db(), stage.staff, id).await.unwrap().tag();
    let change = &AllocationChange { report: Some(report), ..AllocationChange::default() };
    let made = stage.db().transact(stage.staff, |tx, _| {
        Box::pin(async move { update_allocation(tx, id, seen, change, at).await })
    });
    made.await.unwrap();
}

#[tokio::test]
async fn imports_and_changes_by_hand_in_any_order_leave_exact_figures() {
    let stage = Stage::new().await;
    let mut numbers = Numbers(7);
    let dates = [date(2019, 1, 1), date(2021, 6, 30), date(2023, 12, 28), date(2030, 1, 1)];
    for round in 0..4 {
        stage.import_unsummed(&numbers.file(700)).await;
        if round > 0 {
            // By hand while the movements are behind, and after they are not.
            let book = Book::of(&stage).await;
            for n in 0..10 {
                change(&stage, &mut numbers, &book, 1_000 * round + 10 + n).await;
            }
        }
        let book = Book::of(&stage).await;
        check_dashboards(&stage, stage.staff, &book, &book.funds(), &dates).await;
        stage.sum().await;
        for n in 0..10 {
            change(&stage, &mut numbers, &book, 1_000 * round + 100 + n).await;
        }
        let book = Book::of(&stage).await;
        check_dashboards(&stage, stage.staff, &book, &book.funds(), &dates).await;
        check_portfolio(&stage, stage.staff, &book, &["EUR", "USD"], &dates).await;
        check_movements(&stage, stage.staff, &book).await;
    }
    let book = Book::of(&stage).await;
    let name = &book.0[0].name;
    let own = book.only(|fact| fact.name == *name);
    let person = investor_of(&stage, name).await;
    check_dashboards(&stage, person, &own, &own.funds(), &dates).await;
    let currencies = own.currencies();
    check_portfolio(&stage, person, &own, &currencies, &dates).await;
}

#[tokio::test]
async fn only_the_newest_reporting_dates_are_shown_and_they_are_exact() {
    let stage = Stage::new().await;
    let mut file = "investor,fund,as_of,commitment,called\n".to_owned();
    for n in 0..300_u32 {
        let day = date(2020, 1, 1).checked_add(jiff::Span::new().days(i64::from(n))).unwrap();
        let _ = writeln!(file, "Investor {},F,{day},{n}.01,{}", n % 3, n / 2);
    }
    stage.import_unsummed(&file).await;
    let book = Book::of(&stage).await;
    for summed in [false, true] {
        if summed {
            stage.sum().await;
        }
        check_dashboards(
            &stage,
            stage.staff,
            &book,
            &book.funds(),
            &[date(2026, 1, 1), date(2020, 2, 1)],
        )
        .await;
    }
    let history = get_dashboard(stage.db(), stage.staff, book.0[0].fund, date(2026, 1, 1)).await;
    assert_eq!(history.unwrap().overview.history.len(), 240);
}

#[tokio::test]
async fn before_the_first_report_there_is_nothing_and_a_stranger_finds_no_fund() {
    let stage = Stage::new().await;
    let usd = "USD".parse().unwrap();
    let empty = get_portfolio(stage.db(), stage.staff, date(2026, 1, 15), None, usd).await.unwrap();
    assert_eq!((empty.currency.as_str(), empty.currencies.len(), empty.funds), ("USD", 0, 0));
    assert_eq!((empty.overview.history.len(), empty.overview.reported_as_of), (0, None));

    stage.import_unsummed("investor,fund,as_of,commitment,currency\nA,F,2025-03-31,5,EUR\nA,G,2025-03-31,5,EUR\nA,H,2025-03-31,5,CHF\n").await;
    let book = Book::of(&stage).await;
    let fund = book.0[0].fund;
    let before = get_dashboard(stage.db(), stage.staff, fund, date(2025, 3, 30)).await.unwrap();
    assert_eq!(before.overview, underpin_funds::Overview::default());
    // Nothing is in the tenant's currency: the one with most allocations is shown.
    let shown = get_portfolio(stage.db(), stage.staff, date(2026, 1, 15), None, usd).await.unwrap();
    assert_eq!(shown, book.portfolio("EUR", &["CHF", "EUR"], date(2026, 1, 15)));
    let own =
        get_portfolio(stage.db(), stage.staff, date(2026, 1, 15), None, "CHF".parse().unwrap());
    assert_eq!(own.await.unwrap().currency, "CHF");

    let nobody = Principal { subject: UserId::new(), role: Role::Investor, ..stage.staff };
    for by in [member(), nobody] {
        let missing = get_dashboard(stage.db(), by, fund, date(2026, 1, 15)).await;
        assert!(matches!(missing, Err(Error::NoFund(_))), "{missing:?}");
        let nothing = get_portfolio(stage.db(), by, date(2026, 1, 15), None, usd).await.unwrap();
        assert_eq!((nothing.currencies.len(), nothing.overview.all.allocations), (0, 0));
    }
    assert!(
        get_allocation(stage.db(), nobody, book.0[0].allocation.to_string().parse().unwrap())
            .await
            .is_err()
    );
}
