//! The two questions that this crate asks the database itself.

underpin_db::statements! {
    /// Whether the database answers.
    pub(crate) PING: "http.ping" () -> (INT4) = "select 1";

    /// Events that wait for their place in the log, counted to 10,000.
    pub(crate) COUNT_PENDING: "http.count_pending_events" () -> (INT8) = "
        select count(*) from (select from underpin.event_pending limit 10000) pending";
}
