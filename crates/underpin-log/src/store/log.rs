//! The log as its readers see it.

underpin_db::statements! {
    /// Epoch, number and day of a topic's newest entry; none if it has no entry.
    pub(crate) FIND_HEAD: "log.find_head" (UUID, TEXT) -> (INT8, INT8, DATE)
        = "select epoch, head, logged_on from underpin.topic_head where tenant_id = $1 and topic = $2";

    /// Places after one ($3) up to another ($4), each with its event or, where the reader is not its audience, without. The days ($5, $6)
    /// only spare the look into partitions that cannot hold them.
    pub(crate) LIST_ENTRIES: "log.list_entries" (UUID, INT8, INT8, INT8, DATE, DATE, INT8)
        -> (INT8, DATE, UUID, UUID, INT8, TEXT, INT2, UUID, TIMESTAMPTZ, JSONB) = "
        select l.seq, l.logged_on, e.id, e.entity, e.version, e.kind, e.schema_version, e.actor, e.at, e.payload
        from underpin.event_log l
        left join underpin.event e on e.stored_on = l.event_on and e.id = l.event_id
        where l.tenant_id = $1 and l.epoch = $2 and l.seq > $3 and l.seq <= $4 and l.logged_on between $5 and $6
        order by l.seq limit $7";
}
