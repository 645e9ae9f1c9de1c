-- The funds of one vintage by name.
create index concurrently if not exists fund_vintage_idx on funds.fund (tenant_id, vintage, name_key) where deleted_at is null;
