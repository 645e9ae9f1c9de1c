//! Everything of one currency at a date, in one statement however much it is.

use jiff::civil::Date;
use underpin::base::Principal;
use underpin::db::{Db, Result, ToSql, statements};

use super::{
    fund_list::Sums,
    overview::{DAYS_MAX, INVESTORS_MAX, OWN, Overview, behind, days, rows},
    sums::{alive, four, latest, moves, spans},
};

/// The allocations `a` of the chosen funds `f`.
macro_rules! chosen {
    () => {
        concat!(
            "funds f join funds.allocation a on a.tenant_id = $1 and a.fund_id = f.id and ",
            alive!()
        )
    };
}

statements! {
    /// The parts of an overview; part 0 is the currency, 5 the vintages, 6 the currencies there are.
    ///
    /// $3 is the currency asked for, $6 the tenant's. Funds are read once: what row level security asks of them is planned and computed once.
    pub(crate) GET_PORTFOLIO: "funds.get_portfolio" (UUID, DATE, TEXT, INT8, INT8, TEXT)
        -> (INT4, INT8, UUID, TEXT, DATE, INT8, INT8, TEXT, TEXT, TEXT, TEXT, TEXT, INT4, INT8)
        = concat!(
            "with ", behind!(), ", \
             every_fund as materialized (select id, currency, vintage from funds.fund where tenant_id = $1 and deleted_at is null), \
             choice as materialized (select coalesce($3, (select currency from every_fund where currency = $6 limit 1), \
               (select f.currency from every_fund f join funds.allocation a on a.tenant_id = $1 and a.fund_id = f.id and ", alive!(),
            " group by f.currency order by count(*) desc, f.currency limit 1), $6) as currency), \
             funds as materialized (select id, vintage from every_fund where currency = (select currency from choice)), \
             spans as (select p.as_of, p.next_as_of, ", four!("p"), " from ", chosen!(), " ", spans!(" and p.as_of <= $2"),
            " where (select yes from behind) group by p.as_of, p.next_as_of), \
             moves as (", moves!(""),
            " union all select m.as_of, m.committed_minor, m.called_minor, m.distributed_minor, m.value_minor \
               from funds f join funds.fund_movement m on m.tenant_id = $1 and m.fund_id = f.id and m.as_of <= $2 \
               where not (select yes from behind)), ", days!(), ", \
             groups as materialized (select grouping(f.id) = 0 as is_fund, f.vintage, a.investor_id, count(*) as allocations, \
               max(r.as_of) as reported, ", four!("r"), " from ", chosen!(), " ", latest!("cross join"),
            " group by grouping sets ((f.id, f.vintage), (a.investor_id))), \
             investors as materialized (select investor_id, allocations, reported, committed, called, distributed, value, \
               row_number() over (order by committed desc, investor_id) as place from groups where not is_fund) \
             select 0 as part, 0::int8 as place, null::uuid, null::text, null::date, null::int8, null::int8, '0', '0', '0', '0', \
               currency, null::int4, (select count(*) from groups where is_fund) from choice \
             union all select 5, coalesce(g.vintage, 9999), null, null, null, sum(g.allocations)::int8, null, \
               sum(g.committed)::text, sum(g.called)::text, sum(g.distributed)::text, sum(g.value)::text, null, g.vintage, count(*) \
             from groups g where g.is_fund group by g.vintage \
             union all select 6, row_number() over (order by f.currency), null, null, null, null, null, '0', '0', '0', '0', \
               f.currency, null, null from every_fund f group by f.currency \
             union all ", rows!("null, null, null"), " order by part, place"
        );
}

/// What the funds of one vintage have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vintage {
    /// The year, if it is known.
    pub year: Option<i32>,
    /// How many funds have a report.
    pub funds: i64,
    /// What was reported of them.
    pub sums: Sums,
}

/// Everything of one currency at a date.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Portfolio {
    /// The currency.
    pub currency: String,
    /// The currencies that funds are in.
    pub currencies: Vec<String>,
    /// How many funds have a report.
    pub funds: i64,
    /// Sums, investors, history.
    pub overview: Overview,
    /// By the year, funds without one last.
    pub by_vintage: Vec<Vintage>,
}

/// Everything of a currency at a date that the principal may see. Asked for none: the tenant's, or the one with most allocations.
pub(crate) async fn get(
    db: &Db,
    principal: Principal,
    as_of: Date,
    asked: Option<&str>,
    tenant_currency: &str,
) -> Result<Portfolio> {
    let params: [&(dyn ToSql + Sync); 6] =
        [&principal.tenant.uuid(), &as_of, &asked, &INVESTORS_MAX, &DAYS_MAX, &tenant_currency];
    let rows = db.query(principal, &GET_PORTFOLIO, &params).await?;
    let mut portfolio = Portfolio::default();
    for row in &rows {
        portfolio.overview.read(row);
        match row.get::<_, i32>(0) {
            0 => {
                portfolio.currency = row.get(OWN);
                portfolio.funds = row.get(OWN + 2);
            }
            5 => portfolio.by_vintage.push(Vintage {
                year: row.get(OWN + 1),
                funds: row.get(OWN + 2),
                sums: Sums::read(row, 7),
            }),
            6 => portfolio.currencies.push(row.get(OWN)),
            _ => {}
        }
    }
    Ok(portfolio)
}
