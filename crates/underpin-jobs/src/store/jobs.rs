//! Live jobs, from enqueue to the end of a run.

underpin_db::statements! {
    /// Enqueue; no row is written if a live job of the kind has the unique key.
    pub(crate) INSERT_JOB: "jobs.insert_job" (UUID, UUID, UUID, TEXT, TEXT, INT2, JSONB, TEXT, INT4, TIMESTAMPTZ, TEXT) -> () = "
        insert into underpin.job (id, tenant_id, on_behalf_of, kind, queue, priority, payload, unique_key, attempts_max,
            created_at, run_at, state, trace)
        select $1, $2, $3, $4, $5, $6, $7, $8, $9, at.now, coalesce($10, at.now),
            case when $10 > at.now then 'deferred' else 'ready' end, $11
        from (select underpin.now() as now offset 0) as at
        on conflict (tenant_key, kind, unique_key) where unique_key is not null do nothing";

    /// Enqueue a job of the platform.
    pub(crate) INSERT_PLATFORM_JOB: "jobs.insert_platform_job" (UUID, TEXT, TEXT, INT2, JSONB, INT4, TEXT) -> () = "
        insert into underpin.job (id, tenant_id, on_behalf_of, kind, queue, priority, payload, attempts_max, created_at, run_at, state,
            trace)
        select $1, null, null, $2, $3, $4, $5, $6, at.now, at.now, 'ready', $7
        from (select underpin.now() as now offset 0) as at";

    /// The live job that has a unique key.
    pub(crate) FIND_UNIQUE: "jobs.find_unique" (UUID, TEXT, TEXT) -> (UUID)
        = "select id from underpin.job where tenant_key = $1 and kind = $2 and unique_key = $3";

    /// Mark a running job if the claim is still held: 1 row, else 0. The row stays locked until the commit, so no rescue comes between.
    pub(crate) UPDATE_MARK: "jobs.update_mark" (UUID, INT8, JSONB, JSONB) -> () = "
        update underpin.job
        set checkpoint = coalesce($3, checkpoint), progress = coalesce($4, progress),
            -- What gets on is not what kills its workers.
            crashes = case when $3::jsonb is null then crashes else 0 end
        where id = $1 and claim_seq = $2 and state = 'running'";

    /// Move a running job to the history if the claim is still held: 1 row, else 0.
    pub(crate) DELETE_FINISHED: "jobs.delete_finished" (UUID, INT8) -> () = "
        with at as materialized (
            select underpin.now() as now
        ), gone as (
            delete from underpin.job where id = $1 and claim_seq = $2 and state = 'running'
            returning id, tenant_id, on_behalf_of, kind, queue, attempt, errors, crashes, claim_seq, created_at, claimed_at, progress,
                last_errors, trace
        )
        insert into underpin.job_done (finished_on, id, tenant_id, on_behalf_of, kind, queue, attempt, errors, crashes, claim_seq,
            created_at, claimed_at, finished_at, progress, last_errors, trace)
        select (at.now at time zone 'UTC')::date, id, tenant_id, on_behalf_of, kind, queue, attempt, errors, crashes, claim_seq,
            created_at, claimed_at, at.now, progress, last_errors, trace
        from gone, at";

    /// A job wherever it is, as the principal may see it.
    pub(crate) FIND_JOB: "jobs.find_job" (UUID)
        -> (UUID, UUID, TEXT, TEXT, TEXT, INT4, INT4, INT4, JSONB, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, JSONB, TEXT) = "
        select id, tenant_id, kind, queue, state, attempt, errors, crashes, progress, created_at, run_at,
            null::timestamptz, last_errors, trace
        from underpin.job where id = $1
        union all
        select id, tenant_id, kind, queue, 'done', attempt, errors, crashes, progress, created_at, null, finished_at, last_errors, trace
        from underpin.job_done where id = $1
        union all
        select id, tenant_id, kind, queue, 'dead', attempt, errors, crashes, progress, created_at, null, died_at, last_errors, trace
        from underpin.job_dead where id = $1
        limit 1";

    /// The turn; see the function in the migration.
    pub(crate) TURN: "jobs.turn" (INT8, UUID_ARRAY, INT8_ARRAY, JSONB, JSONB, INT8_ARRAY, INT4, TEXT_ARRAY, UUID) -> (JSONB)
        = "select underpin.job_turn($1, $2, $3, $4, $5, $6, $7, $8, $9)";

    /// Whether a turn would find work of these kinds, and in how many milliseconds the next deferred job is due.
    pub(crate) FIND_WORK: "jobs.find_work" (TEXT_ARRAY) -> (BOOL, INT8) = "
        with at as materialized (
            select underpin.now() as now
        ), next as materialized (
            select run_at from underpin.job where state = 'deferred' order by run_at limit 1
        )
        select exists (select 1 from underpin.job where state = 'ready' and kind = any ($1)),
            (select greatest(0, ceil(extract(epoch from next.run_at - at.now) * 1000))::bigint from next, at)";
}
