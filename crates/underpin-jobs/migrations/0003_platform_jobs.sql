-- A request may enqueue work for an account: it has no tenant. The names of such kinds begin with `account.`, so that no statement of a
-- request starts a schedule or another job of the platform. Nobody but {system} sees them.
create policy app_enqueues_for_accounts on underpin.job for insert to {app} with check (
    tenant_id is null and on_behalf_of is null and kind like 'account.%' and state = 'ready'
    and (select underpin.tenant()) is null
);
