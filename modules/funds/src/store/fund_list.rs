//! Funds with what was reported of them.
//!
//! A statement per order, because SQL text is constant. Each takes tenant, date, name range, limit, the place after which to go on, and
//! the vintage. What is asked of one vintage alone sums no fund of another; by name it is found by an index of its own.

use jiff::civil::Date;
use underpin::base::Principal;
use underpin::db::{Db, Result, Row, Statement, ToSql, Tx};
use uuid::Uuid;

use crate::model::FundId;

/// The latest report not later than $2 of allocation `a`.
macro_rules! latest {
    () => {
        "left join lateral (select p.as_of, p.commitment_minor, p.called_minor, p.distributed_minor, p.value_minor \
           from funds.position_report p \
           where p.tenant_id = a.tenant_id and p.allocation_id = a.id and p.as_of <= $2 \
           order by p.as_of desc limit 1) r on true"
    };
}

/// Sums over latest reports; an empty cell adds nothing.
macro_rules! sums {
    () => {
        "count(*) as allocations, max(r.as_of) as reported, coalesce(sum(r.commitment_minor), 0) as committed, \
         coalesce(sum(r.called_minor), 0) as called, coalesce(sum(r.distributed_minor), 0) as distributed, \
         coalesce(sum(r.value_minor), 0) as value"
    };
}

/// What [`fund`] reads, of fund `f` and its sums `s`.
macro_rules! columns {
    () => {
        "f.id, f.name, f.name_key, f.currency, f.vintage, f.strategy, f.manager, f.version, coalesce(s.allocations, 0), \
         s.reported, coalesce(s.committed, 0)::text, coalesce(s.called, 0)::text, coalesce(s.distributed, 0)::text, \
         coalesce(s.value, 0)::text"
    };
}

/// What was reported of fund `f`: a look-up by index for each fund and allocation, which stays good whatever the planner believes
/// of tables that were filled a second ago.
macro_rules! sums_of_fund {
    () => {
        concat!(
            "left join lateral (select ",
            sums!(),
            " from funds.allocation a ",
            latest!(),
            " where a.tenant_id = $1 and a.fund_id = f.id and ",
            $crate::store::sums::alive!(),
            ") s on true"
        )
    };
}

/// By name: the page is cut first, by index, then summed.
macro_rules! by_name {
    ($compare:literal, $direction:literal, $vintage:literal) => {
        concat!(
            "select ", columns!(), ", false, '' from (select id, name, name_key, currency, vintage, strategy, manager, version from funds.fund \
               where tenant_id = $1 and deleted_at is null and name_key >= $3 and name_key < $4 and name_key ", $compare, " $6", $vintage, " \
               order by name_key ", $direction, " limit $5) f ", sums_of_fund!(), " order by f.name_key ", $direction
        )
    };
}

/// By a figure: all that match are summed, then the page is cut. Funds without the figure come last in both directions.
macro_rules! by_figure {
    ($figure:literal) => {
        concat!(
            "select ", columns!(), ", k.figure is null, coalesce(k.figure, 0)::text from funds.fund f ", sums_of_fund!(),
            " cross join lateral (select (", $figure, ")::numeric as figure) k \
             where f.tenant_id = $1 and f.deleted_at is null and f.name_key >= $3 and f.name_key < $4 \
               and ($9::int4 is null or f.vintage = $9) \
               and (k.figure is null, coalesce(k.figure, 0), f.id) > ($6, ($7::text)::numeric, $8) \
             order by k.figure is null, coalesce(k.figure, 0), f.id limit $5"
        )
    };
}

/// A figure and its two statements.
macro_rules! figures {
    ($($up:ident $up_name:literal $up_figure:literal, $down:ident $down_name:literal $down_figure:literal;)+) => {
        mod figures {
            underpin::db::statements! {
                $(
                    /// Smallest first.
                    pub(super) $up: $up_name (UUID, DATE, TEXT, TEXT, INT8, BOOL, TEXT, UUID, INT4)
                        -> (UUID, TEXT, TEXT, TEXT, INT4, TEXT, TEXT, INT8, INT8, DATE, TEXT, TEXT, TEXT, TEXT, BOOL, TEXT)
                        = by_figure!($up_figure);
                    /// Largest first.
                    pub(super) $down: $down_name (UUID, DATE, TEXT, TEXT, INT8, BOOL, TEXT, UUID, INT4)
                        -> (UUID, TEXT, TEXT, TEXT, INT4, TEXT, TEXT, INT8, INT8, DATE, TEXT, TEXT, TEXT, TEXT, BOOL, TEXT)
                        = by_figure!($down_figure);
                )+
            }
        }
    };
}

figures! {
    VINTAGE "funds.list_funds_by_vintage" "f.vintage",
    VINTAGE_DOWN "funds.list_funds_by_vintage_down" "-f.vintage";
    COMMITTED "funds.list_funds_by_committed" "coalesce(s.committed, 0)",
    COMMITTED_DOWN "funds.list_funds_by_committed_down" "-coalesce(s.committed, 0)";
    CALLED "funds.list_funds_by_called" "coalesce(s.called, 0)",
    CALLED_DOWN "funds.list_funds_by_called_down" "-coalesce(s.called, 0)";
    DISTRIBUTED "funds.list_funds_by_distributed" "coalesce(s.distributed, 0)",
    DISTRIBUTED_DOWN "funds.list_funds_by_distributed_down" "-coalesce(s.distributed, 0)";
    VALUE "funds.list_funds_by_value" "coalesce(s.value, 0)",
    VALUE_DOWN "funds.list_funds_by_value_down" "-coalesce(s.value, 0)";
    UNFUNDED "funds.list_funds_by_unfunded" "coalesce(s.committed - s.called, 0)",
    UNFUNDED_DOWN "funds.list_funds_by_unfunded_down" "-coalesce(s.committed - s.called, 0)";
    TVPI "funds.list_funds_by_tvpi" "case when s.called > 0 then (s.distributed + s.value) / s.called end",
    TVPI_DOWN "funds.list_funds_by_tvpi_down" "case when s.called > 0 then -(s.distributed + s.value) / s.called end";
    DPI "funds.list_funds_by_dpi" "case when s.called > 0 then s.distributed / s.called end",
    DPI_DOWN "funds.list_funds_by_dpi_down" "case when s.called > 0 then -s.distributed / s.called end";
    RVPI "funds.list_funds_by_rvpi" "case when s.called > 0 then s.value / s.called end",
    RVPI_DOWN "funds.list_funds_by_rvpi_down" "case when s.called > 0 then -s.value / s.called end";
}

mod others {
    underpin::db::statements! {
        /// By name, A first.
        pub(super) NAME: "funds.list_funds_by_name" (UUID, DATE, TEXT, TEXT, INT8, TEXT)
            -> (UUID, TEXT, TEXT, TEXT, INT4, TEXT, TEXT, INT8, INT8, DATE, TEXT, TEXT, TEXT, TEXT, BOOL, TEXT)
            = by_name!(">", "asc", "");
        /// By name, Z first.
        pub(super) NAME_DOWN: "funds.list_funds_by_name_down" (UUID, DATE, TEXT, TEXT, INT8, TEXT)
            -> (UUID, TEXT, TEXT, TEXT, INT4, TEXT, TEXT, INT8, INT8, DATE, TEXT, TEXT, TEXT, TEXT, BOOL, TEXT)
            = by_name!("<", "desc", "");
        /// Of one vintage by name, A first.
        pub(super) OF_VINTAGE: "funds.list_funds_of_vintage" (UUID, DATE, TEXT, TEXT, INT8, TEXT, INT4)
            -> (UUID, TEXT, TEXT, TEXT, INT4, TEXT, TEXT, INT8, INT8, DATE, TEXT, TEXT, TEXT, TEXT, BOOL, TEXT)
            = by_name!(">", "asc", " and vintage = $7");
        /// Of one vintage by name, Z first.
        pub(super) OF_VINTAGE_DOWN: "funds.list_funds_of_vintage_down" (UUID, DATE, TEXT, TEXT, INT8, TEXT, INT4)
            -> (UUID, TEXT, TEXT, TEXT, INT4, TEXT, TEXT, INT8, INT8, DATE, TEXT, TEXT, TEXT, TEXT, BOOL, TEXT)
            = by_name!("<", "desc", " and vintage = $7");
        /// Count and sums of all funds that match, one row per currency.
        pub(super) TOTALS: "funds.total_funds" (UUID, DATE, TEXT, TEXT, INT4) -> (TEXT, INT8, TEXT, TEXT, TEXT, TEXT)
            = concat!(
                "select f.currency, count(*), coalesce(sum(s.committed), 0)::text, coalesce(sum(s.called), 0)::text, \
                   coalesce(sum(s.distributed), 0)::text, coalesce(sum(s.value), 0)::text \
                 from funds.fund f ", sums_of_fund!(),
                " where f.tenant_id = $1 and f.deleted_at is null and f.name_key >= $3 and f.name_key < $4 \
                   and ($5::int4 is null or f.vintage = $5) \
                 group by f.currency order by f.currency"
            );
        /// One fund.
        pub(super) GET: "funds.get_fund" (UUID, DATE, UUID)
            -> (UUID, TEXT, TEXT, TEXT, INT4, TEXT, TEXT, INT8, INT8, DATE, TEXT, TEXT, TEXT, TEXT, BOOL, TEXT)
            = concat!(
                "select ", columns!(), ", false, '' from funds.fund f ", sums_of_fund!(),
                " where f.tenant_id = $1 and f.id = $3 and f.deleted_at is null"
            );
    }
}

pub(crate) static ALL: &[&[&Statement]] = &[figures::ALL, others::ALL];

/// By what a fund list can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of docs/api.md")]
pub enum SortBy {
    Name,
    Vintage,
    Committed,
    Called,
    Distributed,
    Value,
    Unfunded,
    Tvpi,
    Dpi,
    Rvpi,
}

/// An order of the fund list. Amounts of different currencies are compared as bare numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// Largest, or Z, first.
    pub down: bool,
}

/// Names of the orders.
const NAMES: &[(&str, SortBy)] = &[
    ("name", SortBy::Name),
    ("vintage", SortBy::Vintage),
    ("committed", SortBy::Committed),
    ("called", SortBy::Called),
    ("distributed", SortBy::Distributed),
    ("value", SortBy::Value),
    ("unfunded", SortBy::Unfunded),
    ("tvpi", SortBy::Tvpi),
    ("dpi", SortBy::Dpi),
    ("rvpi", SortBy::Rvpi),
];

impl Sort {
    /// Every order.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().flat_map(|(_, by)| [false, true].map(|down| Self { by: *by, down }))
    }

    /// Read `committed` or `-committed`.
    pub fn parse(text: &str) -> Option<Self> {
        let (down, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        let (_, by) = NAMES.iter().find(|(known, _)| *known == name)?;
        Some(Self { by: *by, down })
    }

    /// The text that [`Sort::parse`] reads.
    pub fn name(self) -> String {
        let name = NAMES.iter().find(|(_, by)| *by == self.by).map_or("", |(name, _)| name);
        format!("{}{name}", if self.down { "-" } else { "" })
    }

    fn statement(self) -> &'static Statement {
        let (up, down) = match self.by {
            SortBy::Name => (&others::NAME, &others::NAME_DOWN),
            SortBy::Vintage => (&figures::VINTAGE, &figures::VINTAGE_DOWN),
            SortBy::Committed => (&figures::COMMITTED, &figures::COMMITTED_DOWN),
            SortBy::Called => (&figures::CALLED, &figures::CALLED_DOWN),
            SortBy::Distributed => (&figures::DISTRIBUTED, &figures::DISTRIBUTED_DOWN),
            SortBy::Value => (&figures::VALUE, &figures::VALUE_DOWN),
            SortBy::Unfunded => (&figures::UNFUNDED, &figures::UNFUNDED_DOWN),
            SortBy::Tvpi => (&figures::TVPI, &figures::TVPI_DOWN),
            SortBy::Dpi => (&figures::DPI, &figures::DPI_DOWN),
            SortBy::Rvpi => (&figures::RVPI, &figures::RVPI_DOWN),
        };
        if self.down { down } else { up }
    }
}

/// Sums over latest reports, in minor units of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// What was promised.
    pub committed: i128,
    /// What was called.
    pub called: i128,
    /// What came back.
    pub distributed: i128,
    /// What the rest is worth.
    pub value: i128,
}

impl Sums {
    /// Read four sums from a row, as text, from a column on: `sum(bigint)` is numeric.
    pub(super) fn read(row: &Row, from: usize) -> Self {
        let sum = |index: usize| {
            let text: &str = row.get(from + index);
            text.parse().expect("a sum of whole numbers is a whole number")
        };
        Self { committed: sum(0), called: sum(1), distributed: sum(2), value: sum(3) }
    }
}

/// A fund with what was reported of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fund {
    /// Its id.
    pub id: FundId,
    /// As shown.
    pub name: String,
    /// As compared.
    pub name_key: String,
    /// Of all its amounts.
    pub currency: String,
    /// Year of its first investment.
    pub vintage: Option<i32>,
    /// Kind of investment.
    pub strategy: Option<String>,
    /// Who runs it.
    pub manager: Option<String>,
    /// Counts its changes.
    pub version: i64,
    /// How many allocations it has.
    pub allocations: i64,
    /// The newest date of a report that is counted.
    pub reported_as_of: Option<Date>,
    /// What was reported.
    pub sums: Sums,
    /// Whether the list's figure is missing, and the figure: where the next page begins.
    pub(crate) place: (bool, String),
}

/// What matches a fund list in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// The currency.
    pub currency: String,
    /// How many.
    pub count: i64,
    /// What was reported.
    pub sums: Sums,
}

/// Which funds, as of when.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) as_of: Date,
    /// `from <= name_key < below`.
    pub(crate) names: (String, String),
    /// All vintages and none if it is none.
    pub(crate) vintage: Option<i32>,
}

/// Where a page begins: after a row with this figure (or without one) and this id; by name, after this name.
#[derive(Debug, Clone)]
pub(crate) struct After {
    pub(crate) missing: bool,
    pub(crate) figure: String,
    pub(crate) id: FundId,
}

/// Above all names.
const LAST: &str = "\u{10ffff}";

/// By name, of one vintage.
const fn of_vintage(sort: Sort) -> &'static Statement {
    if sort.down { &others::OF_VINTAGE_DOWN } else { &others::OF_VINTAGE }
}

/// A page of funds.
pub(crate) async fn list(
    tx: &mut Tx,
    filter: &Filter,
    sort: Sort,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Fund>> {
    let tenant = tx.principal()?.tenant.uuid();
    let (as_of, (from, below)) = (&filter.as_of, &filter.names);
    let statement = sort.statement();
    let rows = if sort.by == SortBy::Name {
        let first = if sort.down { LAST } else { "" };
        let name = after.map_or(first, |after| after.figure.as_str());
        let params: [&(dyn ToSql + Sync); 6] = [&tenant, as_of, from, below, &limit, &name];
        match &filter.vintage {
            None => tx.query(statement, &params).await?,
            Some(year) => tx.query(of_vintage(sort), &[&params[..], &[year]].concat()).await?,
        }
    } else {
        let missing = after.is_some_and(|after| after.missing);
        let figure = after.map_or("-Infinity", |after| after.figure.as_str());
        let id = after.map_or(Uuid::nil(), |after| after.id.uuid());
        let params: [&(dyn ToSql + Sync); 9] =
            [&tenant, as_of, from, below, &limit, &missing, &figure, &id, &filter.vintage];
        tx.query(statement, &params).await?
    };
    Ok(rows.iter().map(fund).collect())
}

/// Count and sums of all that match, per currency.
pub(crate) async fn totals(tx: &mut Tx, filter: &Filter) -> Result<Vec<Total>> {
    let tenant = tx.principal()?.tenant.uuid();
    let (from, below) = &filter.names;
    let params: [&(dyn ToSql + Sync); 5] = [&tenant, &filter.as_of, from, below, &filter.vintage];
    let rows = tx.query(&others::TOTALS, &params).await?;
    let total =
        |row: &Row| Total { currency: row.get(0), count: row.get(1), sums: Sums::read(row, 2) };
    Ok(rows.iter().map(total).collect())
}

/// One fund, if the principal may see it.
pub(crate) async fn find(
    db: &Db,
    principal: Principal,
    id: FundId,
    as_of: Date,
) -> Result<Option<Fund>> {
    let params: [&(dyn ToSql + Sync); 3] = [&principal.tenant.uuid(), &as_of, &id.uuid()];
    let row = db.query_opt(principal, &others::GET, &params).await?;
    Ok(row.as_ref().map(fund))
}

fn fund(row: &Row) -> Fund {
    Fund {
        id: FundId::from_uuid(row.get(0)),
        name: row.get(1),
        name_key: row.get(2),
        currency: row.get(3),
        vintage: row.get(4),
        strategy: row.get(5),
        manager: row.get(6),
        version: row.get(7),
        allocations: row.get(8),
        reported_as_of: row.get(9),
        sums: Sums::read(row, 10),
        place: (row.get(14), row.get(15)),
    }
}
