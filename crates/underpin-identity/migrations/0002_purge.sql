-- The purge of a tenant: all that it owns, and the people who have no place anywhere else, in one transaction.

select underpin.purgeable('underpin.member'), underpin.purgeable('underpin.member_seen'), underpin.purgeable('underpin.invite'),
    underpin.purgeable('underpin.session'), underpin.purgeable('underpin.user_password');
create policy purge on underpin.tenant for all to {owner}
    using (id = (select underpin.purging())) with check (false);
create policy purge on underpin.user_account for all to {owner}
    using (id = any ((select underpin.purging_people())::uuid[])) with check (false);

-- As before, and a tenant that goes as a whole needs no owner.
create or replace function underpin.keep_an_owner() returns trigger language plpgsql set search_path = '' as $$
begin
    if old.tenant_id = underpin.purging() then
        return null;
    end if;
    perform 1 from underpin.tenant t where t.id = old.tenant_id for no key update;
    if not found or not exists (
        select 1 from underpin.member m
        where m.tenant_id = old.tenant_id and m.role = 'owner' and m.removed_at is null
    ) then
        raise exception 'a tenant keeps at least one owner'
            using errcode = 'check_violation', schema = 'underpin', table = 'member', constraint = 'member_owner_kept';
    end if;
    return null;
end $$;

-- Delete a tenant and these people of it; one row per table with what went, more than one if some of it came meanwhile. No row if there
-- is no such tenant.
--
-- SECURITY DEFINER because no serving role may delete business rows: this function is the one exception. Forced row level security
-- holds for the owner too, so it reaches the rows of policy `purge` and no others: a wrong list of tables or a person with a place in
-- another tenant (a foreign key says so) deletes nothing. Tables are found by that policy, so a new one is missed by nobody.
create function underpin.purge_tenant(p_tenant uuid, p_people uuid[]) returns table (name text, deleted bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    v_sql text;
    v_total bigint;
begin
    perform set_config('underpin.purge', p_tenant::text, true);
    perform set_config('underpin.purge_people', p_people::text, true);
    perform 1 from underpin.tenant t where t.id = p_tenant for update;
    if not found then
        return;
    end if;
    -- One statement for all tables: foreign keys are judged at its end, so no order among them is needed.
    select 'with ' || string_agg(format('d%s as (delete from %s where %s returning 1)', at, tab, chosen), ', ')
           || ' ' || string_agg(format('select %L, (select count(*) from d%s)', tab, at), ' union all ')
    into v_sql
    from (
        select row_number() over (order by c.oid) as at, c.oid::regclass::text as tab, case
                when c.oid = 'underpin.tenant'::regclass then 'id = $1'
                when c.oid = 'underpin.user_account'::regclass then 'id = any ($2)'
                when exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
                    then 'tenant_id = $1'
                else 'user_id = any ($2)'
            end as chosen
        from pg_policy p join pg_class c on c.oid = p.polrelid
        where p.polname = 'purge'
    ) as tables;
    -- What others committed while a pass waited for them is found by the next.
    for pass in 1 .. 5 loop
        v_total := 0;
        for name, deleted in execute v_sql using p_tenant, p_people loop
            v_total := v_total + deleted;
            if pass = 1 or deleted > 0 then
                return next;
            end if;
        end loop;
        exit when v_total = 0;
    end loop;
    perform set_config('underpin.purge', '', true);
    perform set_config('underpin.purge_people', '', true);
end
$$;
revoke execute on function underpin.purge_tenant(uuid, uuid[]) from public;
grant execute on function underpin.purge_tenant(uuid, uuid[]) to {system};
