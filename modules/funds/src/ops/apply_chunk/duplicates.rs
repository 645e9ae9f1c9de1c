//! Two lines of one file about the same thing: the first stands.

use super::{Outcome, resolve::Placed};
use crate::{import::Code, model::Row, store::reports::Report};

impl Placed {
    pub(super) fn report(&self, rows: &[Row]) -> Report {
        let row = &rows[self.row];
        Report {
            allocation: self.allocation,
            as_of: self.as_of,
            amounts: row.amounts,
            line: row.line,
        }
    }
}

/// The first row of each allocation and date, ordered by them; others are unchanged where equal and refused where not.
pub(super) fn within_chunk(
    mut placed: Vec<Placed>,
    rows: &[Row],
    outcome: &mut Outcome,
) -> Vec<Placed> {
    placed.sort_unstable_by_key(|placed| (placed.allocation, placed.as_of, placed.row));
    let mut distinct: Vec<Placed> = Vec::with_capacity(placed.len());
    for next in placed {
        let first = distinct.last();
        let first =
            first.filter(|f| (f.allocation, f.as_of) == (next.allocation, next.as_of)).copied();
        match first {
            None => distinct.push(next),
            Some(first) if rows[first.row].amounts == rows[next.row].amounts => {
                outcome.counts.unchanged += 1;
            }
            Some(first) => refuse(&rows[next.row], rows[first.row].line, outcome),
        }
    }
    distinct
}

/// Refuse a row because an earlier line said something else.
pub(super) fn refuse(row: &Row, stands: i64, outcome: &mut Outcome) {
    let message = format!("line {stands} says something else about the same date and stands");
    outcome.refuse(row, "", Code::DuplicateRow, &row.as_of.to_string(), message);
}
