//! What a dashboard and a portfolio have in common: sums, the largest investors, and the history, as rows of one shape.
//!
//! The first column tells the parts apart, the second orders them. Common tables `moves` (movements by date) and `investors` (what
//! each has, with a place from the largest) are the statement's own. $2 is the date, $4 how many investors are shown, $5 how many reporting dates.

use jiff::civil::Date;
use underpin::db::Row;

use super::fund_list::Sums;
use crate::model::InvestorId;

/// Whether the movements are not to be read: they are the staff's, and behind while an import is under way.
macro_rules! behind {
    () => {
        "behind as materialized (select not (select underpin.is_staff()) or exists (select 1 from funds.fund_import \
           where tenant_id = $1 and summed_at is null) as yes)"
    };
}

/// The sums at each reporting date.
macro_rules! days {
    () => {
        "days as (select as_of, sum(sum(committed)) over w as committed, sum(sum(called)) over w as called, \
           sum(sum(distributed)) over w as distributed, sum(sum(value)) over w as value \
           from moves group by as_of window w as (order by as_of))"
    };
}

/// The rows that [`Overview::read`] reads, with the statement's own columns behind.
macro_rules! rows {
    ($own:literal) => {
        concat!(
            "select 1, (d.as_of - date '2000-01-01')::int8, null::uuid, null::text, d.as_of, null::int8, null::int8, \
               d.committed::text, d.called::text, d.distributed::text, d.value::text, ", $own,
            " from (select as_of, committed, called, distributed, value from days order by as_of desc limit $5) d \
             union all select 2, i.place, i.investor_id, n.name, null, i.allocations, 1, \
               i.committed::text, i.called::text, i.distributed::text, i.value::text, ", $own,
            " from investors i cross join lateral (select name from funds.investor \
               where tenant_id = $1 and id = i.investor_id limit 1) n where i.place <= $4 \
             union all select 3, 0, null, null, null, sum(i.allocations)::int8, count(*), \
               sum(i.committed)::text, sum(i.called)::text, sum(i.distributed)::text, sum(i.value)::text, ", $own,
            " from investors i where i.place > $4 having count(*) > 0 \
             union all select 4, 0, null, null, max(i.reported), coalesce(sum(i.allocations), 0)::int8, count(*), \
               coalesce(sum(i.committed), 0)::text, coalesce(sum(i.called), 0)::text, coalesce(sum(i.distributed), 0)::text, \
               coalesce(sum(i.value), 0)::text, ", $own, " from investors i"
        )
    };
}

pub(super) use {behind, days, rows};

/// Most investors that are shown one by one.
pub(super) const INVESTORS_MAX: i64 = 100;
/// Most reporting dates that are shown.
pub(super) const DAYS_MAX: i64 = 240;
/// Where a statement's own columns begin.
pub(super) const OWN: usize = 11;

/// The sums at a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// The date.
    pub as_of: Date,
    /// Over the latest report of each allocation not later.
    pub sums: Sums,
}

/// What one investor has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Who.
    pub investor: InvestorId,
    /// Their name.
    pub name: String,
    /// How many allocations have a report.
    pub allocations: i64,
    /// What they say.
    pub sums: Sums,
}

/// What several investors have together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Group {
    /// How many investors.
    pub investors: i64,
    /// How many of their allocations have a report.
    pub allocations: i64,
    /// What these say.
    pub sums: Sums,
}

/// Sums at a date: of all, by investor, and how they came to be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overview {
    /// The newest date of a report that is counted.
    pub reported_as_of: Option<Date>,
    /// All.
    pub all: Group,
    /// The largest by what they committed, from the largest.
    pub largest: Vec<Share>,
    /// All but these, if there are more.
    pub others: Option<Group>,
    /// At each reporting date, oldest first; the newest 240.
    pub history: Vec<State>,
}

impl Overview {
    /// Take in a row if it is of a part that every overview has.
    pub(super) fn read(&mut self, row: &Row) {
        let group =
            || Group { allocations: row.get(5), investors: row.get(6), sums: Sums::read(row, 7) };
        match row.get::<_, i32>(0) {
            1 => self.history.push(State { as_of: row.get(4), sums: Sums::read(row, 7) }),
            2 => self.largest.push(Share {
                investor: InvestorId::from_uuid(row.get(2)),
                name: row.get(3),
                allocations: row.get(5),
                sums: Sums::read(row, 7),
            }),
            3 => self.others = Some(group()),
            4 => {
                self.reported_as_of = row.get(4);
                self.all = group();
            }
            _ => {}
        }
    }

    /// The state at the reporting date before the newest.
    pub fn previous(&self) -> Option<&State> {
        self.history.iter().rev().nth(1)
    }
}
