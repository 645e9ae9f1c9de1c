//! SQL that a sabotaged request runs.

underpin_db::statements! {
    /// The allocations of a fund.
    pub(crate) LIST_ALLOCATIONS: "sabotage.list_allocations" (UUID, UUID) -> (UUID)
        = "select id from funds.allocation where tenant_id = $1 and fund_id = $2";
    /// One of them.
    pub(crate) GET_ALLOCATION: "sabotage.get_allocation" (UUID, UUID) -> (UUID)
        = "select id from funds.allocation where tenant_id = $1 and id = $2";
    /// The investors of a tenant.
    pub(crate) LIST_INVESTORS: "sabotage.list_investors" (UUID) -> (UUID)
        = "select id from funds.investor where tenant_id = $1";
    /// One of them.
    pub(crate) GET_INVESTOR: "sabotage.get_investor" (UUID, UUID) -> (UUID)
        = "select id from funds.investor where tenant_id = $1 and id = $2";
}
