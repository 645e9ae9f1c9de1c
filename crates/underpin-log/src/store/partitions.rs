//! Days of the log, made ahead and dropped whole.

underpin_db::statements! {
    /// Make the partitions from yesterday to a number of days ahead; the number of tables made.
    pub(crate) INSERT_PARTITIONS: "log.insert_partitions" (INT4) -> (INT4)
        = "select underpin.event_partitions((underpin.now() at time zone 'UTC')::date - 1, $1 + 2)";

    /// First day of the log that is kept, and of the events: none that waits or has a kept entry is behind it.
    pub(crate) GET_FLOORS: "log.get_floors" (INT4) -> (DATE, DATE) = "
        /* reads all: the pending events are few: they are gone within a second */
        with kept as materialized (select (underpin.now() at time zone 'UTC')::date - $1 as floor)
        select kept.floor, least(
            kept.floor,
            (select min(event_on) from underpin.event_pending),
            (select min(event_on_min) from underpin.event_log_day where logged_on >= kept.floor)
        ) from kept";

    /// Drop what lies before the floors; the number of tables dropped.
    pub(crate) DELETE_PARTITIONS: "log.delete_partitions" (DATE, DATE) -> (INT4)
        = "select underpin.event_forget($1, $2)";

    /// Forget the days of the log that were dropped.
    pub(crate) DELETE_DAYS: "log.delete_days" (DATE) -> ()
        = "delete from underpin.event_log_day where logged_on < $1";

    /// Forget topics without a kept entry; if one comes back it gets a new epoch.
    pub(crate) DELETE_HEADS: "log.delete_heads" (DATE) -> ()
        = "/* reads all: hourly, over one narrow row per topic */ delete from underpin.topic_head where logged_on < $1";
}
