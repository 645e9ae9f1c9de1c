-- What a tenant's table needs, in one line of its migration; and the one way in which a tenant's rows are ever deleted.

-- The tenant that is being purged. Only the owner is ever told: to every other role nothing is being purged, whatever it sets.
create function underpin.purging() returns uuid language sql stable parallel safe
    as $$ select case when current_user = pg_catalog.pg_get_userbyid('{owner}'::regrole)
                      then nullif(current_setting('underpin.purge', true), '')::uuid end $$;

-- The people who go with it.
create function underpin.purging_people() returns uuid[] language sql stable parallel safe
    as $$ select case when underpin.purging() is not null
                      then nullif(current_setting('underpin.purge_people', true), '')::uuid[] end $$;

-- Let a table's rows go when their tenant does; of a table without a tenant, with their person (user_id).
--
-- Its policy is called `purge`: the purge finds its tables by that name. It lets rows be seen and deleted, and none be written.
create function underpin.purgeable(tab regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    has_tenant boolean := exists (
        select from pg_attribute where attrelid = tab and attname = 'tenant_id' and not attisdropped);
begin
    execute format('create policy purge on %s for all to {owner} using (%s) with check (false)', tab,
        case when has_tenant then 'tenant_id = (select underpin.purging())'
             else 'user_id = any ((select underpin.purging_people())::uuid[])' end);
end
$$;

-- The usual table of a tenant (tenant_id, and no finer rule than "staff see and write the tenant's rows"): forced row level security,
-- its policies, the grants, and the purge. A table with other rules has policies of its own and calls underpin.purgeable.
create function underpin.tenant_table(tab regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    staff constant text := 'tenant_id = (select underpin.tenant()) and (select underpin.is_staff())';
begin
    execute format('alter table %s enable row level security', tab);
    execute format('alter table %s force row level security', tab);
    execute format('grant select, insert, update on %s to {app}', tab);
    execute format('create policy staff_read on %s for select to {app} using (%s)', tab, staff);
    execute format('create policy staff_insert on %s for insert to {app} with check (%s)', tab, staff);
    execute format('create policy staff_update on %s for update to {app} using (%s) with check (%2$s)', tab, staff);
    perform underpin.purgeable(tab);
end
$$;

-- Both are for migrations.
revoke execute on function underpin.purgeable(regclass), underpin.tenant_table(regclass) from public;
