-- The trace of the request that enqueued a job, as `traceparent` writes it: carried to the run, the history and the dead letters.
alter table underpin.job add column trace text constraint job_trace_form check (octet_length(trace) = 55);
alter table underpin.job_done add column trace text;
alter table underpin.job_dead add column trace text;

-- The functions of 0001 again, each with the column. Owner and grants stay.
create or replace function underpin.job_claim_tenant(p_epoch bigint, p_tenant uuid, p_kinds text[], p_want integer, p_now timestamptz)
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
        'checkpoint', j.checkpoint, 'trace', j.trace)
$$;

create or replace function underpin.job_turn(
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
            created_at, claimed_at, finished_at, progress, last_errors, trace)
        select (v_now at time zone 'UTC')::date, id, tenant_id, on_behalf_of, kind, queue, attempt, errors, crashes, claim_seq,
            created_at, claimed_at, v_now, progress, last_errors, trace
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

create or replace function underpin.job_fail(p_failed jsonb, p_now timestamptz) returns bigint[]
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
            attempt, errors, crashes, checkpoint, progress, last_errors, reason, died_at, trace)
        select id, tenant_id, on_behalf_of, kind, queue, priority, payload, unique_key, attempts_max, created_at,
            attempt, errors + 1, crashes, checkpoint, progress, underpin.job_errors(last_errors, p_now, attempt, code, message),
            reason, p_now, trace
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

create or replace function underpin.job_rescue(page_max integer, crashes_max integer) returns integer
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
            attempt, errors, crashes, checkpoint, progress, last_errors, reason, died_at, trace)
        select id, tenant_id, on_behalf_of, kind, queue, priority, payload, unique_key, attempts_max, created_at,
            attempt, errors, crashes + 1, checkpoint, progress,
            underpin.job_errors(last_errors, at.now, attempt, 'crashed', 'the worker died under it'), 'crashed', at.now, trace
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
