//! `funds.allocation` as an import meets it: the first tranche of the unnamed deal.

use jiff::Timestamp;
use underpin::db::{Result, Row, Tx, statements};
use uuid::Uuid;

use crate::model::{AllocationId, FundId, InvestorId};

statements! {
    /// The allocations of these pairs of fund and investor.
    pub(crate) LIST_BY_PAIR: "funds.list_allocations_by_pair" (UUID, UUID_ARRAY, UUID_ARRAY) -> (UUID, UUID, UUID)
        = "select a.id, n.fund_id, n.investor_id from unnest($2::uuid[], $3::uuid[]) as n (fund_id, investor_id) \
           cross join lateral (select id from funds.allocation \
             where tenant_id = $1 and fund_id = n.fund_id and investor_id = n.investor_id and deal_ref = '' and tranche = 1 \
               and deleted_at is null limit 1) a";
    /// Enter allocations; a pair that a rival entered first gives no row.
    pub(crate) INSERT_ALLOCATIONS: "funds.insert_allocations"
        (UUID, UUID_ARRAY, UUID_ARRAY, UUID_ARRAY, UUID, TIMESTAMPTZ) -> (UUID, UUID, UUID)
        = "insert into funds.allocation (tenant_id, id, fund_id, investor_id, created_by, created_at) \
           select $1, n.*, $5, $6 from unnest($2::uuid[], $3::uuid[], $4::uuid[]) as n \
           on conflict (tenant_id, investor_id, fund_id, deal_ref, tranche) where deleted_at is null do nothing \
           returning id, fund_id, investor_id";
}

/// A fund and who invests in it.
pub(crate) type Pair = (FundId, InvestorId);

/// Pairs and ids of those that exist.
pub(crate) async fn list_by_pair(tx: &mut Tx, pairs: &[Pair]) -> Result<Vec<(Pair, AllocationId)>> {
    let tenant = tx.principal()?.tenant.uuid();
    let (funds, investors) = columns(pairs);
    let rows = tx.query(&LIST_BY_PAIR, &[&tenant, &funds, &investors]).await?;
    Ok(rows.iter().map(known).collect())
}

/// Pairs and ids of those that were entered; fewer than asked where a rival was faster.
pub(crate) async fn insert(
    tx: &mut Tx,
    pairs: &[Pair],
    at: Timestamp,
) -> Result<Vec<(Pair, AllocationId)>> {
    let principal = tx.principal()?;
    let (tenant, subject) = (principal.tenant.uuid(), principal.subject.uuid());
    let ids: Vec<Uuid> = pairs.iter().map(|_| AllocationId::new().uuid()).collect();
    let (funds, investors) = columns(pairs);
    let rows =
        tx.query(&INSERT_ALLOCATIONS, &[&tenant, &ids, &funds, &investors, &subject, &at]).await?;
    Ok(rows.iter().map(known).collect())
}

fn columns(pairs: &[Pair]) -> (Vec<Uuid>, Vec<Uuid>) {
    pairs.iter().map(|(fund, investor)| (fund.uuid(), investor.uuid())).unzip()
}

fn known(row: &Row) -> (Pair, AllocationId) {
    let pair = (FundId::from_uuid(row.get(1)), InvestorId::from_uuid(row.get(2)));
    (pair, AllocationId::from_uuid(row.get(0)))
}
