-- What a transaction was opened for. A setting reads as '' after its transaction, hence nullif.
-- Policies call these inside `(select ...)`, so that each is evaluated once per statement.
grant usage on schema underpin to {app}, {system};
grant select on underpin.migration to {app}, {system};

create function underpin.tenant() returns uuid language sql stable parallel safe
    as $$ select nullif(current_setting('underpin.tenant', true), '')::uuid $$;

create function underpin.subject() returns uuid language sql stable parallel safe
    as $$ select nullif(current_setting('underpin.subject', true), '')::uuid $$;

create function underpin.role() returns text language sql stable parallel safe
    as $$ select nullif(current_setting('underpin.role', true), '') $$;

create function underpin.is_staff() returns boolean language sql stable parallel safe
    as $$ select coalesce(underpin.role() in ('owner', 'admin', 'member', 'service'), false) $$;

create function underpin.is_admin() returns boolean language sql stable parallel safe
    as $$ select coalesce(underpin.role() in ('owner', 'admin', 'service'), false) $$;

create function underpin.presented() returns text language sql stable parallel safe
    as $$ select nullif(current_setting('underpin.presented', true), '') $$;

-- The clock that judges leases and due times: the database's, the same for every process. Test databases replace it by one with an offset.
-- Business time is a parameter of each statement; no other SQL reads a clock.
create function underpin.now() returns timestamptz language sql volatile parallel safe
    as $$ select clock_timestamp() $$;
