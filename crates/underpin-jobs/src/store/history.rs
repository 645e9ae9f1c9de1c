//! What is kept of the past, and for how long.

underpin_db::statements! {
    /// Make the days of the history from yesterday to a number of days ahead; how many tables.
    pub(crate) INSERT_PARTITIONS: "jobs.insert_partitions" (INT4) -> (INT4)
        = "select underpin.job_partitions((underpin.now() at time zone 'UTC')::date - 1, $1 + 2)";

    /// Drop the days of the history before a number of days ago; how many tables.
    pub(crate) DELETE_PARTITIONS: "jobs.delete_partitions" (INT4) -> (INT4)
        = "select underpin.job_forget((underpin.now() at time zone 'UTC')::date - $1)";

    /// Drop a page of dead letters older than a number of days.
    pub(crate) DELETE_DEAD: "jobs.delete_dead" (INT4, INT8) -> () = "
        delete from underpin.job_dead where id in (
            select id from underpin.job_dead where died_at < (select underpin.now()) - $1 * interval '1 day' order by died_at limit $2
        )";

    /// Drop the ledger's ticks older than a number of days; each schedule's newest stays.
    pub(crate) DELETE_FIRES: "jobs.delete_fires" (INT4) -> () = "
        /* reads all: hourly, over a ledger of a week of ticks */
        delete from underpin.schedule_fire f
        where f.fired_at < (select underpin.now()) - $1 * interval '1 day'
          and f.tick < (select max(tick) from underpin.schedule_fire newest where newest.schedule = f.schedule)";

    /// Drop workers that ended more than a number of days ago and hold no job.
    pub(crate) DELETE_WORKERS: "jobs.delete_workers" (INT4) -> () = "
        delete from underpin.worker w
        where w.ended_at < (select underpin.now()) - $1 * interval '1 day'
          and not exists (select 1 from underpin.job j where j.epoch = w.epoch and j.state = 'running')";
}
