//! A fund at a date, in one statement however many allocations it has.
//!
//! The history is read from the fund's movements; while an import is under way, and for an investor, from the reports themselves.

use jiff::civil::Date;
use underpin::base::Principal;
use underpin::db::{Db, Result, ToSql, statements};

use super::{
    funds::FundDetails,
    overview::{DAYS_MAX, INVESTORS_MAX, OWN, Overview, behind, days, rows},
    sums::{alive, four, latest, moves, spans},
};
use crate::model::FundId;

statements! {
    /// The parts of an overview, and the fund itself as part 0.
    pub(crate) GET_DASHBOARD: "funds.get_dashboard" (UUID, DATE, UUID, INT8, INT8)
        -> (INT4, INT8, UUID, TEXT, DATE, INT8, INT8, TEXT, TEXT, TEXT, TEXT, TEXT, INT4, TEXT, TEXT, INT8)
        = concat!(
            "with ", behind!(), ", \
             spans as (select p.as_of, p.next_as_of, ", four!("p"), " from funds.allocation a ", spans!(" and p.as_of <= $2"),
            " where (select yes from behind) and a.tenant_id = $1 and a.fund_id = $3 and ", alive!(),
            " group by p.as_of, p.next_as_of), \
             moves as (", moves!(""),
            " union all select m.as_of, m.committed_minor, m.called_minor, m.distributed_minor, m.value_minor \
               from funds.fund_movement m \
               where not (select yes from behind) and m.tenant_id = $1 and m.fund_id = $3 and m.as_of <= $2), \
             ", days!(), ", \
             investors as materialized (select i.investor_id, i.allocations, i.reported, i.committed, i.called, i.distributed, i.value, \
               row_number() over (order by i.committed desc, i.investor_id) as place \
               from (select a.investor_id, count(*) as allocations, max(r.as_of) as reported, ", four!("r"),
            " from funds.allocation a ", latest!("cross join"),
            " where a.tenant_id = $1 and a.fund_id = $3 and ", alive!(), " group by a.investor_id) i) \
             select 0 as part, 0::int8 as place, f.id, f.name, null::date, null::int8, null::int8, '0', '0', '0', '0', \
               f.currency, f.vintage, f.strategy, f.manager, f.version \
             from funds.fund f where f.tenant_id = $1 and f.id = $3 and f.deleted_at is null \
             union all ", rows!("null, null, null, null, null"), " order by part, place"
        );
}

/// A fund at a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dashboard {
    /// The fund.
    pub fund: FundDetails,
    /// Its sums, its investors, its history.
    pub overview: Overview,
}

/// A fund at a date, if the principal may see it.
pub(crate) async fn find(
    db: &Db,
    principal: Principal,
    id: FundId,
    as_of: Date,
) -> Result<Option<Dashboard>> {
    let params: [&(dyn ToSql + Sync); 5] =
        [&principal.tenant.uuid(), &as_of, &id.uuid(), &INVESTORS_MAX, &DAYS_MAX];
    let rows = db.query(principal, &GET_DASHBOARD, &params).await?;
    let mut overview = Overview::default();
    let mut fund = None;
    for row in &rows {
        overview.read(row);
        if row.get::<_, i32>(0) == 0 {
            fund = Some(FundDetails {
                id: FundId::from_uuid(row.get(2)),
                name: row.get(3),
                currency: row.get(OWN),
                vintage: row.get(OWN + 1),
                strategy: row.get(OWN + 2),
                manager: row.get(OWN + 3),
                version: row.get(OWN + 4),
            });
        }
    }
    Ok(fund.map(|fund| Dashboard { fund, overview }))
}
