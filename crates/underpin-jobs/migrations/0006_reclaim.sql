-- Which jobs are taken back from the dead, and not only how many: whoever buries one says so.
create function underpin.job_reclaim(page_max integer, crashes_max integer)
    returns table (id uuid, kind text, trace text, is_dead boolean)
language sql set search_path = pg_catalog, pg_temp
as $$
    with at as materialized (
        select underpin.now() as now
    ), lost as materialized (
        select j.id, j.kind, j.trace, j.crashes + 1 >= crashes_max as poison
        from underpin.job j
        where j.state = 'running'
          and not exists (select 1 from underpin.worker w where w.epoch = j.epoch and w.ended_at is null)
        order by j.id limit page_max for update of j skip locked
    ), died as (
        delete from underpin.job j using lost l where j.id = l.id and l.poison returning j.*
    ), buried as (
        insert into underpin.job_dead (id, tenant_id, on_behalf_of, kind, queue, priority, payload, unique_key, attempts_max, created_at,
            attempt, errors, crashes, checkpoint, progress, last_errors, reason, died_at, trace)
        select d.id, d.tenant_id, d.on_behalf_of, d.kind, d.queue, d.priority, d.payload, d.unique_key, d.attempts_max, d.created_at,
            d.attempt, d.errors, d.crashes + 1, d.checkpoint, d.progress,
            underpin.job_errors(d.last_errors, at.now, d.attempt, 'crashed', 'the worker died under it'), 'crashed', at.now, d.trace
        from died d, at
    ), back as (
        update underpin.job j
        set state = case when j.crashes = 0 then 'ready' else 'deferred' end,
            run_at = at.now + j.crashes * interval '5 seconds',
            crashes = j.crashes + 1,
            last_errors = underpin.job_errors(j.last_errors, at.now, j.attempt, 'crashed', 'the worker died under it'),
            epoch = null, claim_seq = null, claimed_at = null
        from lost l, at where j.id = l.id and not l.poison
    )
    select l.id, l.kind, l.trace, l.poison from lost l
$$;

-- For processes of the release before, while both run.
create or replace function underpin.job_rescue(page_max integer, crashes_max integer) returns integer
language sql set search_path = pg_catalog, pg_temp
as $$
    select count(*)::integer from underpin.job_reclaim(page_max, crashes_max)
$$;

revoke execute on function underpin.job_reclaim(integer, integer) from public;
grant execute on function underpin.job_reclaim(integer, integer) to {system};
