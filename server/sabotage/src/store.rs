//! SQL that a sabotaged request runs.

underpin_db::statements! {
    /// The allocations of a fund.
    pub(crate) LIST_ALLOCATIONS: "sabotage.list_allocations" (UUID, UUID) -> (UUID)
        = "select id from funds.allocation where tenant_id = $1 and fund_id = $2";
    /// One of them.
    pub(crate) GET_ALLOCATION: "sabotage.get_allocation" (UUID, UUID) -> (UUID)
        = "select id from funds.allocation where tenant_id = $1 and id = $2";
}
