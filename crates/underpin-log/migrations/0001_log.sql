-- The log: events are rows of the commit they tell of; the sequencer gives them their place afterwards.
--
-- Two clocks: `event.at` is business time and may be anything; partitions go by the day on which the database stored the row, so no
-- business clock can miss a partition.

-- What happened, written by `app` in the transaction of the effect, never changed, dropped by the day.
create table underpin.event (
    stored_on date not null,
    id uuid not null,
    tenant_id uuid not null,
    topic text not null,
    entity uuid not null,
    version bigint not null,
    kind text not null,
    schema_version smallint not null,
    audience text not null,
    -- The person of audience 'user'.
    audience_user uuid,
    actor uuid not null,
    trace text not null,
    at timestamptz not null,
    payload jsonb not null,
    primary key (stored_on, id),
    constraint event_topic_check check (octet_length(topic) between 1 and 200),
    constraint event_kind_check check (octet_length(kind) between 1 and 100),
    constraint event_audience_check check (
        audience in ('staff', 'tenant', 'user') and (audience = 'user') = (audience_user is not null)
    )
) partition by range (stored_on);

-- What waits for its place. Narrow, written and deleted at the same pace, so vacuum must keep up with it.
create table underpin.event_pending (
    -- Drawn in the order of the inserts: what committed before another transaction began has the smaller id.
    id bigint generated always as identity primary key,
    tenant_id uuid not null,
    topic text not null,
    event_id uuid not null,
    event_on date not null
) with (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000
);

-- One row per topic that has entries. An epoch belongs to one life of one topic: a topic that was forgotten and comes back gets a new one.
create sequence underpin.topic_epoch;
create table underpin.topic_head (
    tenant_id uuid not null,
    topic text not null,
    epoch bigint not null default nextval('underpin.topic_epoch'),
    head bigint not null,
    -- Day of the newest entry; never moves back, so that days and numbers of a topic rise together.
    logged_on date not null,
    primary key (tenant_id, topic)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);

-- The log itself: place -> event. `epoch` names the topic.
create table underpin.event_log (
    logged_on date not null,
    tenant_id uuid not null,
    epoch bigint not null,
    seq bigint not null,
    event_on date not null,
    event_id uuid not null,
    primary key (tenant_id, epoch, seq, logged_on)
) partition by range (logged_on);

-- The oldest event that each day of the log points to, so that no event is dropped before its entry.
create table underpin.event_log_day (
    logged_on date primary key,
    event_on_min date not null
) with (fillfactor = 50);

-- Make the partitions of `days` days from `first` on; what exists stays. Returns how many tables were made.
--
-- SECURITY DEFINER because role system, which runs retention, owns nothing and so can neither create nor drop a table: this function
-- and event_forget are all that it may do as the owner. The search path is pinned, or a caller could slip in a table of its own.
-- A partition is made aside and attached: `create table ... partition of` would lock the parent against every reader and writer.
create function underpin.event_partitions(first date, days integer) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s'
as $$
declare
    parent text;
    child text;
    day date;
    made integer := 0;
begin
    if days not between 0 and 400 then
        raise exception 'days must lie between 0 and 400' using errcode = '22023';
    end if;
    -- Two processes at once would make the same table.
    perform pg_advisory_xact_lock(hashtext('underpin.event_partitions'));
    foreach parent in array array['event', 'event_log'] loop
        for day in select first + n from generate_series(0, days - 1) as n loop
            child := parent || to_char(day, '_YYYYMMDD');
            continue when to_regclass('underpin.' || child) is not null;
            execute format(
                'create table underpin.%1$I (like underpin.%2$I including defaults including constraints including indexes)',
                child, parent);
            -- Nobody has a grant on a partition; forced row security without a policy shuts it a second time.
            execute format('alter table underpin.%I enable row level security, force row level security', child);
            execute format(
                'alter table underpin.%I attach partition underpin.%I for values from (%L) to (%L)',
                parent, child, day, day + 1);
            made := made + 1;
        end loop;
    end loop;
    return made;
end
$$;

-- Drop the partitions that end before or at a day: of the log before `log_floor`, of events before `event_floor`. Returns how many.
--
-- SECURITY DEFINER: see event_partitions. The caller decides the floors, because the owner, under forced row security, sees no row.
-- A reader in the way makes it fail after a short wait rather than queue everyone behind it; the next run tries again.
create function underpin.event_forget(log_floor date, event_floor date) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '200ms'
as $$
declare
    child record;
    dropped integer := 0;
begin
    if event_floor > log_floor then
        raise exception 'an event must not be dropped before its entry' using errcode = '22023';
    end if;
    perform pg_advisory_xact_lock(hashtext('underpin.event_partitions'));
    for child in
        select c.relname as name
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        -- Compared as text: the planner may look at a name before it knows whose partition it is, and most names are no date.
        where (i.inhparent = 'underpin.event_log'::regclass and right(c.relname, 8) < to_char(log_floor, 'YYYYMMDD'))
           or (i.inhparent = 'underpin.event'::regclass and right(c.relname, 8) < to_char(event_floor, 'YYYYMMDD'))
        order by 1
    loop
        execute format('drop table underpin.%I', child.name);
        dropped := dropped + 1;
    end loop;
    return dropped;
end
$$;

-- Give the oldest `batch_max` pending events their place; null if another sequencer is at it.
--
-- Runs as the caller (system). The lock is a statement before the batch, whose snapshot is therefore taken under it; it ends with the
-- transaction, so a killed sequencer leaves nothing behind. What becomes visible later gets a later place: no gap, no loss.
create function underpin.event_sequence(batch_max integer) returns integer
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    today date;
    placed integer;
begin
    if not pg_try_advisory_xact_lock(hashtext('underpin.event_sequence')) then
        return null;
    end if;
    today := (underpin.now() at time zone 'UTC')::date;
    with taken as materialized (
        delete from underpin.event_pending p
        using (select id from underpin.event_pending order by id limit batch_max) b
        where p.id = b.id
        returning p.*
    ), numbered as (
        select t.*, row_number() over w as place from taken t window w as (partition by tenant_id, topic order by id)
    ), heads as (
        -- In key order, so that nothing else that locks two heads can deadlock with us.
        insert into underpin.topic_head as h (tenant_id, topic, head, logged_on)
        select tenant_id, topic, count(*), today from taken group by tenant_id, topic order by tenant_id, topic
        on conflict (tenant_id, topic) do update
        set head = h.head + excluded.head, logged_on = greatest(h.logged_on, excluded.logged_on)
        returning tenant_id, topic, epoch, head, logged_on
    ), counts as (
        select tenant_id, topic, count(*) as added from taken group by tenant_id, topic
    ), logged as (
        insert into underpin.event_log (logged_on, tenant_id, epoch, seq, event_on, event_id)
        select h.logged_on, n.tenant_id, h.epoch, h.head - c.added + n.place, n.event_on, n.event_id
        from numbered n
        join counts c on c.tenant_id = n.tenant_id and c.topic = n.topic
        join heads h on h.tenant_id = n.tenant_id and h.topic = n.topic
    ), days as (
        insert into underpin.event_log_day as d (logged_on, event_on_min)
        select h.logged_on, min(n.event_on)
        from numbered n join heads h on h.tenant_id = n.tenant_id and h.topic = n.topic
        group by h.logged_on
        on conflict (logged_on) do update set event_on_min = excluded.event_on_min
        where d.event_on_min > excluded.event_on_min
    )
    select count(*) into placed from taken;
    return placed;
end
$$;

revoke execute on function underpin.event_partitions(date, integer), underpin.event_forget(date, date),
    underpin.event_sequence(integer) from public;
grant execute on function underpin.event_partitions(date, integer), underpin.event_forget(date, date),
    underpin.event_sequence(integer) to {system};

alter table underpin.event enable row level security, force row level security;
alter table underpin.event_pending enable row level security, force row level security;
alter table underpin.topic_head enable row level security, force row level security;
alter table underpin.event_log enable row level security, force row level security;
alter table underpin.event_log_day enable row level security, force row level security;

-- Staff read the tenant's events, others what is for the whole tenant or for themselves.
create policy app_reads on underpin.event for select to {app} using (
    tenant_id = (select underpin.tenant())
    and (
        (select underpin.is_staff())
        or audience = 'tenant'
        or (audience = 'user' and audience_user = (select underpin.subject()))
    )
);
-- Nobody speaks for another tenant, nor in another's name.
create policy app_writes on underpin.event for insert to {app} with check (
    tenant_id = (select underpin.tenant()) and actor = (select underpin.subject())
);
create policy app_writes on underpin.event_pending for insert to {app} with check (tenant_id = (select underpin.tenant()));
-- Numbers alone tell nothing: a reader needs them to know a filtered place from a lost one.
create policy app_reads on underpin.topic_head for select to {app} using (tenant_id = (select underpin.tenant()));
create policy app_reads on underpin.event_log for select to {app} using (tenant_id = (select underpin.tenant()));

create policy system_sequences on underpin.event_pending for all to {system} using (true) with check (true);
create policy system_sequences on underpin.topic_head for all to {system} using (true) with check (true);
create policy system_sequences on underpin.event_log for all to {system} using (true) with check (true);
create policy system_sequences on underpin.event_log_day for all to {system} using (true) with check (true);
create policy system_reads on underpin.event for select to {system} using (true);

grant usage on schema underpin to {app}, {system};
grant select, insert on underpin.event to {app};
grant insert on underpin.event_pending to {app};
grant select on underpin.topic_head, underpin.event_log to {app};
grant select on underpin.event to {system};
grant select, delete on underpin.event_pending to {system};
grant select, insert, update, delete on underpin.topic_head to {system};
grant select, insert on underpin.event_log to {system};
grant select, insert, update, delete on underpin.event_log_day to {system};
grant usage on sequence underpin.topic_epoch to {system};

-- From yesterday (a clock that differs a little) on; the sequencer and retention make the days after.
select underpin.event_partitions((underpin.now() at time zone 'UTC')::date - 1, 31);
