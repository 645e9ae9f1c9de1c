//! Schedules and the ledger of their ticks.

underpin_db::statements! {
    /// Make a schedule known, or change its times.
    pub(crate) UPSERT_SCHEDULE: "jobs.upsert_schedule" (TEXT, INT8, INT8) -> () = "
        insert into underpin.schedule as s (name, every_ms, max_age_ms, registered_at)
        values ($1, $2, $3, underpin.now())
        on conflict (name) do update set every_ms = excluded.every_ms, max_age_ms = excluded.max_age_ms
        where (s.every_ms, s.max_age_ms) is distinct from (excluded.every_ms, excluded.max_age_ms)";

    /// Look at what is due among the named schedules, each with the id of the job to enqueue: the tick goes into the ledger, the job into
    /// the queue, in this one transaction. Of missed ticks only the newest fires. Says of each tick what became of it: `fired`; `taken` by
    /// another process, whose row is in the ledger; `unfinished`, if the run before it is not over and holds the unique key.
    pub(crate) FIRE_SCHEDULES: "jobs.fire_schedules" (INT8, TEXT_ARRAY, UUID_ARRAY, INT4) -> (TEXT, TIMESTAMPTZ, TEXT) = "
        with at as materialized (
            select underpin.now() as now
        ), due as materialized (
            select s.name, known.job_id, underpin.tick(at.now, s.every_ms) as tick
            from unnest($2, $3) as known (name, job_id) join underpin.schedule s on s.name = known.name, at
            where s.paused_at is null and underpin.tick(at.now, s.every_ms) > coalesce(s.last_tick, '-infinity')
        ), fired as (
            insert into underpin.schedule_fire (schedule, tick, epoch, job_id, fired_at)
            select due.name, due.tick, $1, due.job_id, at.now from due, at order by due.name
            on conflict do nothing returning schedule, tick, job_id
        ), queued as (
            insert into underpin.job (id, kind, queue, priority, payload, unique_key, attempts_max, created_at, run_at, state)
            select fired.job_id, 'schedule.' || fired.schedule, 'schedules', 0, jsonb_build_object('tick', fired.tick), fired.schedule,
                $4, at.now, at.now, 'ready'
            from fired, at
            on conflict (tenant_key, kind, unique_key) where unique_key is not null do nothing returning id
        ), moved as (
            -- A tick that another took is over for us too: to find it again at each look would say so again and again.
            update underpin.schedule s set last_tick = greatest(s.last_tick, due.tick) from due where s.name = due.name
        )
        select due.name, due.tick,
            case when fired.job_id is null then 'taken' when queued.id is null then 'unfinished' else 'fired' end
        from due left join fired on fired.job_id = due.job_id left join queued on queued.id = due.job_id order by due.name";

    /// Who has a tick that was skipped, or the run that is not over: its epoch, host and process, and the job. Asked after the look, which
    /// cannot see what a rival committed beside it; no row if all of that is over by now.
    pub(crate) FIND_HOLDER: "jobs.find_holder" (TEXT, TIMESTAMPTZ, TEXT) -> (INT8, TEXT, INT4, UUID) = "
        select held.epoch, w.host, w.pid, held.job_id
        from (
            select epoch, job_id from underpin.schedule_fire where schedule = $1 and tick = $2 and $3 = 'taken'
            union all
            select epoch, id from underpin.job
            where tenant_key = 'ffffffff-ffff-ffff-ffff-ffffffffffff' and kind = 'schedule.' || $1 and unique_key = $1 and $3 = 'unfinished'
        ) as held left join underpin.worker w on w.epoch = held.epoch limit 1";

    /// Note that a schedule's run succeeded.
    pub(crate) UPDATE_SUCCESS: "jobs.update_success" (TEXT) -> () = "
        update underpin.schedule set last_success_at = underpin.now(), last_error = null where name = $1";

    /// Note that the last attempt of a schedule's run failed.
    pub(crate) UPDATE_FAILURE: "jobs.update_failure" (TEXT, TEXT) -> () = "
        update underpin.schedule set last_failure_at = underpin.now(), last_error = $2 where name = $1";
}
