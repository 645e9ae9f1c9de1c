//! The allocations of a fund, a page at a time.

use jiff::civil::Date;
use underpin::db::{Result, Row, ToSql, Tx, statements};

use super::{
    fund_list::Sums,
    sums::{alive, latest},
};
use crate::model::{AllocationId, FundId, InvestorId};

/// Allocations `a` of the fund by investor, deal and tranche. The page is cut first; only its rows are looked up in the reports.
macro_rules! page {
    ($of:expr) => {
        concat!(
            "select a.id, a.investor_id, a.name, a.name_key, a.deal_ref, a.tranche, \
               r.as_of, r.commitment_minor, r.called_minor, r.distributed_minor, r.value_minor \
             from (select a.id, a.investor_id, i.name, i.name_key, a.deal_ref, a.tranche \
               from funds.allocation a \
               cross join lateral (select name, name_key from funds.investor \
                 where tenant_id = $1 and id = a.investor_id limit 1) i \
               where a.tenant_id = $1 and a.fund_id = $3 and ",
            $of,
            " \
                 and (i.name_key, a.deal_ref, a.tranche) > ($4, $5, $6) \
               order by i.name_key, a.deal_ref, a.tranche limit $7) a ",
            latest!("left join"),
            " on true order by a.name_key, a.deal_ref, a.tranche"
        )
    };
}

statements! {
    /// Of all investors.
    pub(crate) LIST: "funds.list_fund_allocations" (UUID, DATE, UUID, TEXT, TEXT, INT4, INT8)
        -> (UUID, UUID, TEXT, TEXT, TEXT, INT4, DATE, INT8, INT8, INT8, INT8)
        = page!(alive!());
    /// Of one investor.
    pub(crate) LIST_OF_INVESTOR: "funds.list_fund_allocations_of_investor" (UUID, DATE, UUID, TEXT, TEXT, INT4, INT8, UUID)
        -> (UUID, UUID, TEXT, TEXT, TEXT, INT4, DATE, INT8, INT8, INT8, INT8)
        = page!("a.investor_id = $8 and a.deleted_at is null");
}

/// An allocation with its latest report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundAllocation {
    /// Its id.
    pub id: AllocationId,
    /// Who invests.
    pub investor: InvestorId,
    /// Their name.
    pub investor_name: String,
    /// Which deal; empty for the unnamed one.
    pub deal_ref: String,
    /// Which part of it, from 1.
    pub tranche: i32,
    /// The date of the report that is counted.
    pub as_of: Option<Date>,
    /// What it says.
    pub sums: Sums,
    /// The investor's name as compared.
    pub(crate) name_key: String,
}

/// Where a page begins: after the allocation with these.
#[derive(Debug, Clone, Default)]
pub(crate) struct After {
    pub(crate) name_key: String,
    pub(crate) deal_ref: String,
    pub(crate) tranche: i32,
}

/// Which allocations, as of when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter {
    pub(crate) fund: FundId,
    pub(crate) investor: Option<InvestorId>,
    pub(crate) as_of: Date,
}

/// A page of a fund's allocations, of those that the principal may see.
pub(crate) async fn list(
    tx: &mut Tx,
    filter: Filter,
    after: &After,
    limit: i64,
) -> Result<Vec<FundAllocation>> {
    let tenant = tx.principal()?.tenant.uuid();
    let Filter { fund, investor, as_of } = filter;
    let (fund, After { name_key, deal_ref, tranche }) = (fund.uuid(), after);
    let params: [&(dyn ToSql + Sync); 7] =
        [&tenant, &as_of, &fund, name_key, deal_ref, tranche, &limit];
    let rows = match investor.map(InvestorId::uuid) {
        None => tx.query(&LIST, &params).await?,
        Some(investor) => {
            tx.query(&LIST_OF_INVESTOR, &[&params[..], &[&investor]].concat()).await?
        }
    };
    Ok(rows.iter().map(allocation).collect())
}

fn allocation(row: &Row) -> FundAllocation {
    let minor = |index: usize| row.get::<_, Option<i64>>(index).unwrap_or(0).into();
    FundAllocation {
        id: AllocationId::from_uuid(row.get(0)),
        investor: InvestorId::from_uuid(row.get(1)),
        investor_name: row.get(2),
        name_key: row.get(3),
        deal_ref: row.get(4),
        tranche: row.get(5),
        as_of: row.get(6),
        sums: Sums {
            committed: minor(7),
            called: minor(8),
            distributed: minor(9),
            value: minor(10),
        },
    }
}
