//! Investors with what was reported of their allocations.

use jiff::civil::Date;
use underpin::db::{Result, Row, Tx, statements};

use super::fund_list::{Sums, Total};
use crate::model::InvestorId;

/// Sums over the latest reports not later than $2, by the currency of the fund; an allocation without such a report is not counted.
macro_rules! by_currency {
    ($of:literal) => {
        concat!(
            "select ", $of, " as investor_id, f.currency, count(r.commitment_minor) as allocations, coalesce(sum(r.commitment_minor), 0)::text as committed, \
               coalesce(sum(r.called_minor), 0)::text as called, coalesce(sum(r.distributed_minor), 0)::text as distributed, \
               coalesce(sum(r.value_minor), 0)::text as value \
             from funds.allocation a \
             cross join lateral (select currency from funds.fund where tenant_id = a.tenant_id and id = a.fund_id limit 1) f \
             left join lateral (select p.commitment_minor, p.called_minor, p.distributed_minor, p.value_minor \
               from funds.position_report p \
               where p.tenant_id = a.tenant_id and p.allocation_id = a.id and p.as_of <= $2 \
               order by p.as_of desc limit 1) r on true \
             where a.tenant_id = $1 and a.deleted_at is null"
        )
    };
}

statements! {
    /// A page of investors by name, one row per currency; one without allocations has one row without a currency.
    pub(crate) LIST_INVESTORS: "funds.list_investors" (UUID, DATE, TEXT, INT8)
        -> (UUID, TEXT, TEXT, TEXT, INT8, TEXT, TEXT, TEXT, TEXT, INT8)
        = concat!(
            "select i.id, i.name, i.name_key, s.currency, coalesce(s.allocations, 0), coalesce(s.committed, '0'), \
               coalesce(s.called, '0'), coalesce(s.distributed, '0'), coalesce(s.value, '0'), i.version \
             from (select id, name, name_key, version from funds.investor \
               where tenant_id = $1 and deleted_at is null and name_key > $3 order by name_key limit $4) i \
             left join lateral (", by_currency!("a.investor_id"),
            " and a.investor_id = i.id group by a.investor_id, f.currency) s on true \
             order by i.name_key, s.currency"
        );
    /// Sums over all investors, per currency.
    pub(crate) TOTAL_INVESTORS: "funds.total_investors" (UUID, DATE) -> (UUID, TEXT, INT8, TEXT, TEXT, TEXT, TEXT)
        = concat!(by_currency!("null::uuid"), " group by f.currency order by f.currency");
    /// How many investors there are.
    pub(crate) COUNT_INVESTORS: "funds.count_investors" (UUID) -> (INT8)
        = "select count(*) from funds.investor where tenant_id = $1 and deleted_at is null";
}

/// An investor with what was reported of their allocations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Investor {
    /// Their id.
    pub id: InvestorId,
    /// As shown.
    pub name: String,
    /// As compared.
    pub(crate) name_key: String,
    /// Counts its changes.
    pub version: i64,
    /// One per currency; `count` is of allocations.
    pub totals: Vec<Total>,
}

/// A page of investors after a name.
pub(crate) async fn list(
    tx: &mut Tx,
    as_of: Date,
    after: &str,
    limit: i64,
) -> Result<Vec<Investor>> {
    let tenant = tx.principal()?.tenant.uuid();
    let rows = tx.query(&LIST_INVESTORS, &[&tenant, &as_of, &after, &limit]).await?;
    let mut investors: Vec<Investor> = Vec::new();
    for row in &rows {
        let id = InvestorId::from_uuid(row.get(0));
        if investors.last().is_none_or(|last| last.id != id) {
            let (name, name_key) = (row.get(1), row.get(2));
            let version = row.get(9);
            investors.push(Investor { id, name, name_key, version, totals: Vec::new() });
        }
        if let (Some(currency), Some(last)) = (row.get(3), investors.last_mut()) {
            last.totals.push(Total { currency, count: row.get(4), sums: Sums::read(row, 5) });
        }
    }
    Ok(investors)
}

/// Sums over all investors per currency, and how many investors there are.
pub(crate) async fn totals(tx: &mut Tx, as_of: Date) -> Result<(Vec<Total>, i64)> {
    let tenant = tx.principal()?.tenant.uuid();
    let rows = tx.query(&TOTAL_INVESTORS, &[&tenant, &as_of]).await?;
    let total =
        |row: &Row| Total { currency: row.get(1), count: row.get(2), sums: Sums::read(row, 3) };
    let count = tx.query_one(&COUNT_INVESTORS, &[&tenant]).await?.get(0);
    Ok((rows.iter().map(total).collect(), count))
}
