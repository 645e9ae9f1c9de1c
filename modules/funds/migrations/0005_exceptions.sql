-- Why this is not as the audit asks of foreign keys.
comment on constraint allocation_investor_fkey on funds.allocation is
    'audit db.indexes: allocation_deal_key finds those that are not deleted; the others go with their tenant alone';
