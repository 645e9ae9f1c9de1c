//! What an operator asks.

underpin_db::statements! {
    /// Workers that live or ended within the last day, newest first.
    pub(crate) LIST_WORKERS: "jobs.list_workers" (INT8)
        -> (INT8, TEXT, INT4, TEXT, TEXT_ARRAY, TIMESTAMPTZ, TIMESTAMPTZ, TEXT, TIMESTAMPTZ, BOOL, INT8) = "
        with at as materialized (select underpin.now() as now)
        select w.epoch, w.host, w.pid, w.build, w.kinds, w.started_at, w.ended_at, w.ending, l.until,
            w.ended_at is null and coalesce(l.until > at.now, false),
            (select count(*) from underpin.job j where j.epoch = w.epoch and j.state = 'running')
        from underpin.worker w left join underpin.worker_lease l on l.epoch = w.epoch, at
        where w.ended_at is null or w.ended_at > at.now - interval '1 day'
        order by w.epoch desc limit $1";

    /// Counts per queue. Reads every live job: for an operator, not for a loop.
    pub(crate) LIST_QUEUES: "jobs.list_queues" () -> (TEXT, INT8, INT8, INT8, INT8, FLOAT8) = "
        /* reads all: an operator's question about the live jobs as a whole */
        with at as materialized (
            select underpin.now() as now
        ), live as (
            select queue, count(*) filter (where state = 'ready') as ready, count(*) filter (where state = 'deferred') as deferred,
                count(*) filter (where state = 'running') as running, min(run_at) filter (where state = 'ready') as oldest
            from underpin.job group by queue
        ), dead as (
            select queue, count(*) as dead from underpin.job_dead group by queue
        )
        select queue, coalesce(ready, 0), coalesce(deferred, 0), coalesce(running, 0), coalesce(dead, 0),
            extract(epoch from at.now - oldest)::float8
        from live full join dead using (queue), at order by queue";

    /// Schedules with their next tick and whether something is late.
    pub(crate) LIST_SCHEDULES: "jobs.list_schedules" ()
        -> (TEXT, INT8, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, TEXT, TIMESTAMPTZ, BOOL) = "
        with at as materialized (select underpin.now() as now)
        select s.name, s.every_ms, s.last_tick, s.last_success_at, s.last_failure_at, s.last_error,
            underpin.tick(at.now, s.every_ms) + s.every_ms * interval '1 millisecond',
            s.paused_at is null and at.now > coalesce(s.last_success_at, s.registered_at) + s.max_age_ms * interval '1 millisecond'
        from underpin.schedule s, at order by s.name";

    /// Live jobs of one state, newest first, before an id.
    pub(crate) LIST_LIVE: "jobs.list_live" (TEXT, UUID, INT8)
        -> (UUID, UUID, TEXT, TEXT, TEXT, INT4, INT4, INT4, JSONB, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, JSONB, TEXT) = "
        select id, tenant_id, kind, queue, state, attempt, errors, crashes, progress, created_at, run_at,
            null::timestamptz, last_errors, trace
        from underpin.job where state = $1 and ($2::uuid is null or id < $2) order by id desc limit $3";

    /// Jobs of the history, newest first, before an id.
    pub(crate) LIST_DONE: "jobs.list_done" (UUID, INT8)
        -> (UUID, UUID, TEXT, TEXT, TEXT, INT4, INT4, INT4, JSONB, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, JSONB, TEXT) = "
        select id, tenant_id, kind, queue, 'done', attempt, errors, crashes, progress, created_at, null::timestamptz,
            finished_at, last_errors, trace
        from underpin.job_done where $1::uuid is null or id < $1 order by id desc limit $2";

    /// Dead letters, newest first, before an id.
    pub(crate) LIST_DEAD: "jobs.list_dead" (UUID, INT8)
        -> (UUID, UUID, TEXT, TEXT, TEXT, INT4, INT4, INT4, JSONB, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, JSONB, TEXT) = "
        select id, tenant_id, kind, queue, 'dead', attempt, errors, crashes, progress, created_at, null::timestamptz,
            died_at, last_errors, trace
        from underpin.job_dead where $1::uuid is null or id < $1 order by id desc limit $2";

    /// Drive a dead letter again: a live job with its id, payload and checkpoint, and fresh counts.
    pub(crate) REDRIVE_JOB: "jobs.redrive_job" (UUID) -> (UUID) = "
        with at as materialized (
            select underpin.now() as now
        ), back as (
            delete from underpin.job_dead where id = $1
            returning id, tenant_id, on_behalf_of, kind, queue, priority, payload, unique_key, attempts_max, created_at, checkpoint,
                progress, last_errors, trace
        )
        insert into underpin.job (id, tenant_id, on_behalf_of, kind, queue, priority, payload, unique_key, attempts_max, created_at,
            run_at, state, checkpoint, progress, last_errors, trace)
        select id, tenant_id, on_behalf_of, kind, queue, priority, payload, unique_key, attempts_max, created_at,
            at.now, 'ready', checkpoint, progress, last_errors, trace
        from back, at returning id";
}
