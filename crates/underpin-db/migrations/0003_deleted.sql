-- Rows that people deleted and may bring back: the policies hide them, whatever a statement forgets.

-- Whether the transaction was opened for what was deleted. Only staff are ever told.
create function underpin.sees_deleted() returns boolean language sql stable parallel safe
    as $$ select coalesce(current_setting('underpin.deleted', true) = 'seen', false) and underpin.is_staff() $$;

-- Whether a tenant's rows are being copied out: what was deleted stays behind then. A purge of the tenant takes all.
create function underpin.exporting() returns boolean language sql stable parallel safe
    as $$ select coalesce(current_setting('underpin.export', true) = 'on', false) $$;

-- Hide the deleted rows of a table (deleted_at) from everybody who did not ask for them.
--
-- Restrictive, so that no other policy of the table lets them through; and of writes too: a row becomes deleted, or comes back, in
-- such a transaction only.
create function underpin.hides_deleted(tab regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('create policy hides_deleted on %s as restrictive for all to {app}
        using (deleted_at is null or (select underpin.sees_deleted()))', tab);
    execute format('create policy hides_deleted_export on %s as restrictive for all to {owner}
        using (deleted_at is null or not (select underpin.exporting()))', tab);
end
$$;

-- For migrations.
revoke execute on function underpin.hides_deleted(regclass) from public;
