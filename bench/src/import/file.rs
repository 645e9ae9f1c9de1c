//! The generated file: quarters of every allocation, the way administrators export them, date by date.

use std::fmt::Write as _;

use bytes::Bytes;

/// Quarters that each allocation reports.
const QUARTERS: u64 = 20;
/// Investors; funds follow from the number of rows.
const INVESTORS: u64 = 10;
/// Rows of one piece of the stream.
const PIECE_ROWS: u64 = 2_000;

/// How many allocations a file of so many rows has.
pub(crate) const fn allocations(rows: u64) -> u64 {
    rows.div_ceil(QUARTERS)
}

/// The file, piece by piece.
pub(crate) fn pieces(rows: u64) -> impl Iterator<Item = Bytes> {
    let header = "investor,fund,manager,strategy,vintage,currency,as_of,commitment_mm,called_mm,distributed_mm,value_mm\n";
    let starts = (0..rows).step_by(PIECE_ROWS as usize);
    let body = starts.map(move |start| piece(rows, start));
    std::iter::once(Bytes::from_static(header.as_bytes())).chain(body)
}

fn piece(rows: u64, start: u64) -> Bytes {
    let mut text = String::with_capacity(PIECE_ROWS as usize * 120);
    let allocations = allocations(rows);
    for row in start..rows.min(start + PIECE_ROWS) {
        let (quarter, allocation) = (row / allocations, row % allocations);
        let (investor, fund) = (allocation % INVESTORS, allocation / INVESTORS);
        let (year, month) = (2021 + quarter / 4, 3 + 3 * (quarter % 4));
        let day = if month == 6 || month == 9 { 30 } else { 31 };
        let amount = 5 + (allocation * 37) % 495;
        let part = (row * 7_919) % 1_000_000;
        let vintage = 2000 + fund % 25;
        let _ = writeln!(
            text,
            "Investor {investor},\"Generated Partners {fund}, L.P.\",Manager {},Private Equity,{vintage},USD,\
             {year}-{month:02}-{day},{amount}.0,{}.{part:06},{}.{part:06},{}.{part:06}999998",
            fund % 700,
            amount * 8 / 10,
            amount / 3,
            amount / 2,
        );
    }
    text.into()
}
