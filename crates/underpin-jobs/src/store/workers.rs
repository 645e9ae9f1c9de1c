//! Lives of worker processes and their leases.

underpin_db::statements! {
    /// Begin a life: a fresh epoch with its first lease of so many milliseconds.
    pub(crate) INSERT_WORKER: "jobs.insert_worker" (TEXT, INT4, TEXT, TEXT_ARRAY, INT8) -> (INT8) = "
        with at as materialized (
            select underpin.now() as now
        ), born as (
            insert into underpin.worker (host, pid, build, kinds, started_at)
            select $1, $2, $3, $4, at.now from at returning epoch
        )
        insert into underpin.worker_lease (epoch, until)
        select born.epoch, at.now + $5 * interval '1 millisecond' from born, at
        returning epoch";

    /// Renew a lease: 1 row, or 0 if the epoch was declared dead.
    pub(crate) UPDATE_LEASE: "jobs.update_lease" (INT8, INT8) -> (INT8) = "
        update underpin.worker_lease set until = underpin.now() + $2 * interval '1 millisecond'
        where epoch = $1 returning epoch";

    /// End a life in good order; its jobs were given back before.
    pub(crate) DELETE_WORKER: "jobs.delete_worker" (INT8) -> () = "
        with ended as (
            update underpin.worker set ended_at = underpin.now(), ending = 'stopped'
            where epoch = $1 and ended_at is null returning epoch
        )
        delete from underpin.worker_lease l using ended where l.epoch = ended.epoch";

    /// Declare every epoch dead whose lease is over; how many.
    pub(crate) EXPIRE_WORKERS: "jobs.expire_workers" () -> (INT4) = "select underpin.worker_expire()";

    /// Take a page of jobs back from dead epochs: each with its kind and trace, and whether it is a dead letter now.
    pub(crate) RECLAIM_JOBS: "jobs.reclaim_jobs" (INT4, INT4) -> (UUID, TEXT, TEXT, BOOL) = "
        select id, kind, trace, is_dead from underpin.job_reclaim($1, $2)";

    /// End every lease at once: a worker without one is dead at the next look.
    pub(crate) DELETE_LEASES: "jobs.delete_leases" () -> () = "\
        /* reads all: at the start of `dev`, over the living workers */ delete from underpin.worker_lease";
}
