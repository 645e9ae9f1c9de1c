//! The books that are measured.

use std::fmt::Write as _;

const HEADER: &str = "investor,fund,vintage,currency,as_of,commitment,called,distributed,value\n";

/// Ends of quarters.
const DATES: [&str; 8] = [
    "2023-03-31",
    "2023-06-30",
    "2023-09-30",
    "2023-12-31",
    "2024-03-31",
    "2024-06-30",
    "2024-09-30",
    "2024-12-31",
];

/// One fund of 10,000 allocations, and 20,000 allocations in 2,000 others; each reports at 8 dates.
pub(crate) fn one_large_fund() -> String {
    let allocations = (0..10_000).map(|n| (n, 0));
    let others = (0..20_000).map(|n| (n % 10_000, 1 + n / 10));
    let all: Vec<(u64, u64)> = allocations.chain(others).collect();
    file(&all, &DATES)
}

/// 100,000 allocations of 1,000 investors in 10,000 funds; each reports at 4 dates.
pub(crate) fn many_funds() -> String {
    let all: Vec<(u64, u64)> = (0..100_000).map(|n| (n % 1_000, n / 10)).collect();
    file(&all, &DATES[4..])
}

/// The demo's file.
pub(crate) fn demo() -> String {
    include_str!("../../../modules/funds/demo/positions.csv").to_owned()
}

/// Date by date, as administrators export.
fn file(allocations: &[(u64, u64)], dates: &[&str]) -> String {
    let mut text = HEADER.to_owned();
    for (quarter, date) in dates.iter().enumerate() {
        for (n, (investor, fund)) in allocations.iter().enumerate() {
            let amount = 1_000_000 + (n as u64 * 7_919 + quarter as u64 * 104_729) % 50_000_000;
            let _ = writeln!(
                text,
                "Investor {investor},Fund {fund},{},USD,{date},{amount}.25,{}.50,{}.75,{}.99",
                2_000 + fund % 20,
                amount / 2,
                amount / 3,
                amount / 4,
            );
        }
    }
    text
}
