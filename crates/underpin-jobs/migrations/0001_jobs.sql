-- Jobs that commit with the rows they are about. Live jobs lie in one hot table, finished ones in daily partitions, dead letters apart.
-- Every due time and lease is judged by underpin.now(); no worker's clock is believed.

-- One life of one worker process. The epoch is fresh at each start, so nobody is mistaken for a predecessor.
create sequence underpin.worker_epoch;
create table underpin.worker (
    epoch bigint primary key default nextval('underpin.worker_epoch'),
    host text not null,
    pid integer not null,
    build text not null,
    kinds text[] not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    ending text,
    constraint worker_ending_check check (ending in ('stopped', 'expired') and (ending is null) = (ended_at is null))
);
-- Apart from the worker, so that a heartbeat never waits for a turn.
create table underpin.worker_lease (
    epoch bigint primary key,
    until timestamptz not null
) with (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

-- The fencing number of a claim: one sequence for all jobs, never reset, so a later claim always has a higher one.
create sequence underpin.job_claim;

-- Jobs that are not over.
create table underpin.job (
    id uuid primary key,
    -- Null for the platform's own jobs.
    tenant_id uuid,
    -- The tenant for the claim's round; the platform counts as one more tenant.
    tenant_key uuid not null generated always as (coalesce(tenant_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')) stored,
    -- The person who enqueued it; policies of the run know them as its subject.
    on_behalf_of uuid,
    kind text not null,
    queue text not null,
    -- Lower runs first.
    priority smallint not null,
    payload jsonb not null,
    unique_key text,
    attempts_max integer not null,
    created_at timestamptz not null,
    run_at timestamptz not null,
    state text not null,
    -- Starts that count, errors of the handler, deaths of the worker under it.
    attempt integer not null default 0,
    errors integer not null default 0,
    crashes integer not null default 0,
    epoch bigint,
    claim_seq bigint,
    claimed_at timestamptz,
    checkpoint jsonb,
    progress jsonb,
    -- The newest five: {at, attempt, code, message}.
    last_errors jsonb not null default '[]',
    constraint job_state_check check (state in ('deferred', 'ready', 'running')),
    constraint job_claim_check check ((state = 'running') = (epoch is not null and claim_seq is not null)),
    constraint job_behalf_check check ((tenant_id is null) = (on_behalf_of is null)),
    constraint job_unique_key_check check (octet_length(unique_key) between 1 and 200)
) with (
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000
);
-- The claim: in order inside one tenant, and from one tenant to the next.
create index job_ready on underpin.job (tenant_key, priority, run_at, id) where state = 'ready';
create index job_deferred on underpin.job (run_at) where state = 'deferred';
create index job_running on underpin.job (epoch, id) where state = 'running';
-- A key is taken from enqueue to the terminal state, through every retry: rows leave this table when they are over.
create unique index job_unique on underpin.job (tenant_key, kind, unique_key) where unique_key is not null;

-- Jobs that are done, by the day on which they ended.
create table underpin.job_done (
    finished_on date not null,
    id uuid not null,
    tenant_id uuid,
    on_behalf_of uuid,
    kind text not null,
    queue text not null,
    attempt integer not null,
    errors integer not null,
    crashes integer not null,
    claim_seq bigint not null,
    created_at timestamptz not null,
    claimed_at timestamptz not null,
    finished_at timestamptz not null,
    progress jsonb,
    last_errors jsonb not null,
    primary key (id, finished_on)
) partition by range (finished_on);

-- Jobs that ended badly: a full copy, to be looked at and driven again.
create table underpin.job_dead (
    id uuid primary key,
    tenant_id uuid,
    on_behalf_of uuid,
    kind text not null,
    queue text not null,
    priority smallint not null,
    payload jsonb not null,
    unique_key text,
    attempts_max integer not null,
    created_at timestamptz not null,
    attempt integer not null,
    errors integer not null,
    crashes integer not null,
    checkpoint jsonb,
    progress jsonb,
    last_errors jsonb not null,
    reason text not null,
    died_at timestamptz not null,
    constraint job_dead_reason_check check (reason in ('exhausted', 'crashed', 'discarded'))
);
create index job_dead_age on underpin.job_dead (died_at);

-- What fires by itself. `every_ms` is aligned to the Unix epoch, so all processes agree on the ticks.
create table underpin.schedule (
    name text primary key,
    every_ms bigint not null,
    -- Overdue when the last success is older than this.
    max_age_ms bigint not null,
    registered_at timestamptz not null,
    last_tick timestamptz,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    last_error text,
    paused_at timestamptz,
    constraint schedule_every_check check (every_ms > 0)
) with (fillfactor = 50);
-- The ledger: a tick fires once however many processes try.
create table underpin.schedule_fire (
    schedule text not null,
    tick timestamptz not null,
    epoch bigint not null,
    job_id uuid not null,
    fired_at timestamptz not null,
    primary key (schedule, tick)
);

-- The newest tick not after an instant.
create function underpin.tick(at timestamptz, every_ms bigint) returns timestamptz
language sql immutable parallel safe
as $$ select to_timestamp(floor(extract(epoch from at) * 1000 / every_ms) * every_ms / 1000.0) $$;

-- The newest five errors of a job, with one more.
create function underpin.job_errors(list jsonb, at timestamptz, attempt integer, code text, message text) returns jsonb
language sql stable parallel safe
as $$
    select jsonb_agg(e order by n) from (
        select e, n
        from jsonb_array_elements(list || jsonb_build_object('at', at, 'attempt', attempt, 'code', code, 'message', message))
            with ordinality as all_of (e, n)
        order by n desc limit 5
    ) as newest
$$;

-- Claim up to `want` jobs of one tenant for an epoch; one JSON object each.
create function underpin.job_claim_tenant(p_epoch bigint, p_tenant uuid, p_kinds text[], p_want integer, p_now timestamptz)
returns setof jsonb
language sql set search_path = pg_catalog, pg_temp
as $$
    with picked as materialized (
        select id from underpin.job
        where state = 'ready' and tenant_key = p_tenant and kind = any (p_kinds)
        order by priority, run_at, id
        limit p_want for update skip locked
    )
    update underpin.job j
    set state = 'running', epoch = p_epoch, claim_seq = nextval('underpin.job_claim'), attempt = j.attempt + 1, claimed_at = p_now
    from picked where j.id = picked.id
    returning jsonb_build_object(
        'id', j.id, 'tenant', j.tenant_id, 'subject', j.on_behalf_of, 'kind', j.kind, 'queue', j.queue, 'payload', j.payload,
        'attempt', j.attempt, 'errors', j.errors, 'attempts_max', j.attempts_max, 'claim_seq', j.claim_seq,
        'checkpoint', j.checkpoint)
$$;

-- The turn: everything a worker process has to say and to ask, in one commit.
--
-- Answers {"alive": false} and does nothing if the epoch is dead. `p_failed`: [{id, claim_seq, outcome, delay_ms, code, message}] with
-- outcome retry (an error), snooze, return (neither costs an attempt) or discard. `p_known`, unless null, are all claims the process
-- knows; others of its epoch, whose answer was lost on the way, go back. Reports on claims that are no longer held come back as stale.
create function underpin.job_turn(
    p_epoch bigint, p_done uuid[], p_done_claims bigint[], p_failed jsonb, p_progress jsonb, p_known bigint[],
    p_want integer, p_kinds text[], p_cursor uuid
) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    v_now timestamptz := underpin.now();
    v_stale bigint[];
    v_claimed jsonb[] := '{}';
    v_got jsonb[];
    v_cursor uuid := p_cursor;
    v_tenant uuid;
    v_tenants uuid[] := '{}';
    v_again uuid[];
    v_left integer := p_want;
    v_share integer;
    v_wrapped boolean := false;
    v_next timestamptz;
begin
    -- Rescue marks the epoch dead by an update, which waits for this lock and which this lock waits for.
    perform 1 from underpin.worker w
    join underpin.worker_lease l on l.epoch = w.epoch
    where w.epoch = p_epoch and w.ended_at is null and l.until > v_now
    for share of w;
    if not found then
        return jsonb_build_object('alive', false);
    end if;

    with said as (
        select * from unnest(p_done, p_done_claims) as s (id, claim_seq)
    ), gone as (
        delete from underpin.job j using said s
        where j.id = s.id and j.claim_seq = s.claim_seq and j.state = 'running'
        returning j.*
    ), kept as (
        insert into underpin.job_done (finished_on, id, tenant_id, on_behalf_of, kind, queue, attempt, errors, crashes, claim_seq,
            created_at, claimed_at, finished_at, progress, last_errors)
        select (v_now at time zone 'UTC')::date, id, tenant_id, on_behalf_of, kind, queue, attempt, errors, crashes, claim_seq,
            created_at, claimed_at, v_now, progress, last_errors
        from gone
    )
    select coalesce(array_agg(s.claim_seq), '{}') into v_stale
    from said s where not exists (select 1 from gone g where g.claim_seq = s.claim_seq);

    if jsonb_array_length(p_progress) > 0 then
        update underpin.job j set progress = s.progress
        from jsonb_to_recordset(p_progress) as s (id uuid, claim_seq bigint, progress jsonb)
        where j.id = s.id and j.claim_seq = s.claim_seq and j.state = 'running';
    end if;

    if jsonb_array_length(p_failed) > 0 then
        v_stale := v_stale || underpin.job_fail(p_failed, v_now);
    end if;

    if p_known is not null then
        update underpin.job
        set state = 'ready', run_at = v_now, attempt = attempt - 1, epoch = null, claim_seq = null, claimed_at = null
        where epoch = p_epoch and state = 'running' and claim_seq <> all (p_known);
    end if;

    update underpin.job set state = 'ready'
    where id in (
        select id from underpin.job where state = 'deferred' and run_at <= v_now
        order by run_at limit 500 for update skip locked
    );

    -- First round: one job of each tenant that has work, from where the last turn ended, so that a quiet tenant's only job never waits
    -- behind a loud one's million. Each step is one probe of job_ready.
    while v_left > 0 loop
        select tenant_key into v_tenant from underpin.job
        where state = 'ready' and tenant_key > v_cursor order by tenant_key limit 1;
        if v_tenant is null then
            exit when v_wrapped;
            v_wrapped := true;
            v_cursor := '00000000-0000-0000-0000-000000000000';
            continue;
        end if;
        exit when v_wrapped and v_tenant > p_cursor;
        v_cursor := v_tenant;
        select array_agg(c) into v_got from underpin.job_claim_tenant(p_epoch, v_tenant, p_kinds, 1, v_now) as c;
        if v_got is not null then
            v_claimed := v_claimed || v_got;
            v_left := v_left - 1;
            v_tenants := v_tenants || v_tenant;
        end if;
    end loop;
    -- Further rounds: what is left is shared among the tenants that could use their last share up.
    while v_left > 0 and cardinality(v_tenants) > 0 loop
        v_share := ceil(v_left::numeric / cardinality(v_tenants));
        v_again := '{}';
        foreach v_tenant in array v_tenants loop
            exit when v_left <= 0;
            select array_agg(c) into v_got
            from underpin.job_claim_tenant(p_epoch, v_tenant, p_kinds, least(v_share, v_left), v_now) as c;
            continue when v_got is null;
            v_claimed := v_claimed || v_got;
            v_left := v_left - cardinality(v_got);
            if cardinality(v_got) = v_share then
                v_again := v_again || v_tenant;
            end if;
        end loop;
        v_tenants := v_again;
    end loop;

    select run_at into v_next from underpin.job where state = 'deferred' order by run_at limit 1;
    return jsonb_build_object(
        'alive', true, 'claimed', to_jsonb(v_claimed), 'stale', to_jsonb(v_stale), 'cursor', v_cursor,
        'next_ms', greatest(0, ceil(extract(epoch from v_next - v_now) * 1000))::bigint);
end
$$;

-- Move jobs whose attempt failed: back with a delay, or to the dead letters. Returns the claims that are no longer held.
create function underpin.job_fail(p_failed jsonb, p_now timestamptz) returns bigint[]
language sql set search_path = pg_catalog, pg_temp
as $$
    with said as materialized (
        select * from jsonb_to_recordset(p_failed)
            as s (id uuid, claim_seq bigint, outcome text, delay_ms bigint, code text, message text)
    ), held as materialized (
        select s.*, j.attempt, case
            when s.outcome = 'discard' then 'discarded'
            when s.outcome = 'retry' and j.errors + 1 >= j.attempts_max then 'exhausted'
        end as reason
        from said s join underpin.job j on j.id = s.id and j.claim_seq = s.claim_seq and j.state = 'running'
        order by s.id for update of j
    ), died as (
        delete from underpin.job j using held h where j.id = h.id and h.reason is not null
        returning j.*, h.reason, h.code, h.message
    ), buried as (
        insert into underpin.job_dead (id, tenant_id, on_behalf_of, kind, queue, priority, payload, unique_key, attempts_max, created_at,
            attempt, errors, crashes, checkpoint, progress, last_errors, reason, died_at)
        select id, tenant_id, on_behalf_of, kind, queue, priority, payload, unique_key, attempts_max, created_at,
            attempt, errors + 1, crashes, checkpoint, progress, underpin.job_errors(last_errors, p_now, attempt, code, message),
            reason, p_now
        from died
    ), back as (
        update underpin.job j
        set state = case when h.delay_ms > 0 then 'deferred' else 'ready' end,
            run_at = p_now + h.delay_ms * interval '1 millisecond',
            errors = j.errors + (h.outcome = 'retry')::integer,
            attempt = j.attempt - (h.outcome <> 'retry')::integer,
            last_errors = case when h.outcome = 'retry'
                then underpin.job_errors(j.last_errors, p_now, j.attempt, h.code, h.message) else j.last_errors end,
            epoch = null, claim_seq = null, claimed_at = null
        from held h where j.id = h.id and h.reason is null
    )
    select coalesce(array_agg(s.claim_seq), '{}') from said s
    where not exists (select 1 from held h where h.claim_seq = s.claim_seq)
$$;

-- End the epochs whose lease is over. A lease that is renewed meanwhile is looked at again under its lock and stays.
create function underpin.worker_expire() returns integer
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    v_now timestamptz := underpin.now();
    v_ended integer;
begin
    delete from underpin.worker_lease where epoch in (
        select epoch from underpin.worker_lease where until <= v_now order by epoch for update skip locked
    );
    update underpin.worker w set ended_at = v_now, ending = 'expired'
    where w.ended_at is null and not exists (select 1 from underpin.worker_lease l where l.epoch = w.epoch);
    get diagnostics v_ended = row_count;
    return v_ended;
end
$$;

-- Take a page of running jobs back from epochs that are dead or unknown. The first crash costs no time, the second some seconds; the
-- third is a dead letter, because a job that kills its worker would kill them all. Returns how many were taken.
create function underpin.job_rescue(page_max integer, crashes_max integer) returns integer
language sql set search_path = pg_catalog, pg_temp
as $$
    with at as materialized (
        select underpin.now() as now
    ), lost as materialized (
        select j.id, j.crashes + 1 >= crashes_max as poison
        from underpin.job j
        where j.state = 'running'
          and not exists (select 1 from underpin.worker w where w.epoch = j.epoch and w.ended_at is null)
        order by j.id limit page_max for update of j skip locked
    ), died as (
        delete from underpin.job j using lost l where j.id = l.id and l.poison returning j.*
    ), buried as (
        insert into underpin.job_dead (id, tenant_id, on_behalf_of, kind, queue, priority, payload, unique_key, attempts_max, created_at,
            attempt, errors, crashes, checkpoint, progress, last_errors, reason, died_at)
        select id, tenant_id, on_behalf_of, kind, queue, priority, payload, unique_key, attempts_max, created_at,
            attempt, errors, crashes + 1, checkpoint, progress,
            underpin.job_errors(last_errors, at.now, attempt, 'crashed', 'the worker died under it'), 'crashed', at.now
        from died, at
    ), back as (
        update underpin.job j
        set state = case when j.crashes = 0 then 'ready' else 'deferred' end,
            run_at = at.now + j.crashes * interval '5 seconds',
            crashes = j.crashes + 1,
            last_errors = underpin.job_errors(j.last_errors, at.now, j.attempt, 'crashed', 'the worker died under it'),
            epoch = null, claim_seq = null, claimed_at = null
        from lost l, at where j.id = l.id and not l.poison
    )
    select count(*)::integer from lost
$$;

-- Partitions of the history; see underpin.event_partitions and underpin.event_forget for why these are SECURITY DEFINER.
create function underpin.job_partitions(first date, days integer) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s'
as $$
declare
    child text;
    day date;
    made integer := 0;
begin
    if days not between 0 and 400 then
        raise exception 'days must lie between 0 and 400' using errcode = '22023';
    end if;
    perform pg_advisory_xact_lock(hashtext('underpin.job_partitions'));
    for day in select first + n from generate_series(0, days - 1) as n loop
        child := 'job_done' || to_char(day, '_YYYYMMDD');
        continue when to_regclass('underpin.' || child) is not null;
        execute format(
            'create table underpin.%I (like underpin.job_done including defaults including constraints including indexes)', child);
        execute format('alter table underpin.%I enable row level security, force row level security', child);
        execute format(
            'alter table underpin.job_done attach partition underpin.%I for values from (%L) to (%L)', child, day, day + 1);
        made := made + 1;
    end loop;
    return made;
end
$$;

create function underpin.job_forget(floor date) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '200ms'
as $$
declare
    child record;
    dropped integer := 0;
begin
    perform pg_advisory_xact_lock(hashtext('underpin.job_partitions'));
    for child in
        select c.relname as name
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        -- Compared as text: the planner may look at a name before it knows whose partition it is, and most names are no date.
        where i.inhparent = 'underpin.job_done'::regclass and right(c.relname, 8) < to_char(floor, 'YYYYMMDD')
        order by 1
    loop
        execute format('drop table underpin.%I', child.name);
        dropped := dropped + 1;
    end loop;
    return dropped;
end
$$;

revoke execute on function underpin.job_claim_tenant(bigint, uuid, text[], integer, timestamptz),
    underpin.job_turn(bigint, uuid[], bigint[], jsonb, jsonb, bigint[], integer, text[], uuid),
    underpin.job_fail(jsonb, timestamptz), underpin.worker_expire(), underpin.job_rescue(integer, integer),
    underpin.job_partitions(date, integer), underpin.job_forget(date) from public;
grant execute on function underpin.job_claim_tenant(bigint, uuid, text[], integer, timestamptz),
    underpin.job_turn(bigint, uuid[], bigint[], jsonb, jsonb, bigint[], integer, text[], uuid),
    underpin.job_fail(jsonb, timestamptz), underpin.worker_expire(), underpin.job_rescue(integer, integer),
    underpin.job_partitions(date, integer), underpin.job_forget(date) to {system};

alter table underpin.worker enable row level security, force row level security;
alter table underpin.worker_lease enable row level security, force row level security;
alter table underpin.job enable row level security, force row level security;
alter table underpin.job_done enable row level security, force row level security;
alter table underpin.job_dead enable row level security, force row level security;
alter table underpin.schedule enable row level security, force row level security;
alter table underpin.schedule_fire enable row level security, force row level security;

-- Staff see the tenant's jobs, others those that run on their behalf. The platform's own jobs have no tenant: no policy shows them.
create policy app_reads on underpin.job for select to {app} using (
    tenant_id = (select underpin.tenant()) and ((select underpin.is_staff()) or on_behalf_of = (select underpin.subject()))
);
create policy app_reads on underpin.job_done for select to {app} using (
    tenant_id = (select underpin.tenant()) and ((select underpin.is_staff()) or on_behalf_of = (select underpin.subject()))
);
create policy app_reads on underpin.job_dead for select to {app} using (
    tenant_id = (select underpin.tenant()) and ((select underpin.is_staff()) or on_behalf_of = (select underpin.subject()))
);
create policy app_enqueues on underpin.job for insert to {app} with check (
    tenant_id = (select underpin.tenant()) and on_behalf_of = (select underpin.subject()) and state in ('ready', 'deferred')
);
-- A run marks and finishes its job in its own transaction; only a run has the role service.
create policy run_marks on underpin.job for update to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.role()) = 'service' and state = 'running')
    with check (tenant_id = (select underpin.tenant()) and state = 'running');
create policy run_finishes on underpin.job for delete to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.role()) = 'service' and state = 'running');
create policy run_finishes on underpin.job_done for insert to {app}
    with check (tenant_id = (select underpin.tenant()) and (select underpin.role()) = 'service');

create policy system_works on underpin.worker for all to {system} using (true) with check (true);
create policy system_works on underpin.worker_lease for all to {system} using (true) with check (true);
create policy system_works on underpin.job for all to {system} using (true) with check (true);
create policy system_works on underpin.job_done for all to {system} using (true) with check (true);
create policy system_works on underpin.job_dead for all to {system} using (true) with check (true);
create policy system_works on underpin.schedule for all to {system} using (true) with check (true);
create policy system_works on underpin.schedule_fire for all to {system} using (true) with check (true);

grant usage on schema underpin to {app}, {system};
grant select, insert, delete on underpin.job to {app};
grant update (checkpoint, progress, crashes) on underpin.job to {app};
grant select, insert on underpin.job_done to {app};
grant select on underpin.job_dead to {app};
grant select, insert, update, delete on underpin.worker, underpin.worker_lease, underpin.job, underpin.job_done, underpin.job_dead,
    underpin.schedule, underpin.schedule_fire to {system};
grant usage on sequence underpin.worker_epoch, underpin.job_claim to {system};

select underpin.job_partitions((underpin.now() at time zone 'UTC')::date - 1, 31);
