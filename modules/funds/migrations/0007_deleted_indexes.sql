-- The list of what was deleted, newest first; and what is old enough to be removed, whosesoever it is.
create index concurrently if not exists fund_deleted_idx on funds.fund (tenant_id, deleted_at desc, id desc)
    where deleted_at is not null;
create index concurrently if not exists investor_deleted_idx on funds.investor (tenant_id, deleted_at desc, id desc)
    where deleted_at is not null;
create index concurrently if not exists allocation_deleted_idx on funds.allocation (tenant_id, deleted_at desc, id desc)
    where deleted_at is not null;
create index concurrently if not exists fund_purge_idx on funds.fund (deleted_at) where deleted_at is not null;
create index concurrently if not exists investor_purge_idx on funds.investor (deleted_at) where deleted_at is not null;
create index concurrently if not exists allocation_purge_idx on funds.allocation (deleted_at) where deleted_at is not null;
-- Imports that are not over are told of every deletion.
create index concurrently if not exists fund_import_open_idx on funds.fund_import (tenant_id, id) where finished_at is null;
