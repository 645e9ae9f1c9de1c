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

    /// What is new in many topics of any tenant: for each that moved its head, and at most `$6` places after the reader's own. A topic
    /// that is not kept any more has no head; one with another epoch than the reader's brings no places.
    pub(crate) LIST_NEWS: "log.list_news" (UUID_ARRAY, TEXT_ARRAY, INT8_ARRAY, INT8_ARRAY, DATE_ARRAY, INT8)
        -> (INT8, INT8, INT8, DATE, INT8, UUID, UUID, UUID, INT8, TEXT, INT2, TEXT, UUID, UUID, TIMESTAMPTZ, JSONB) = "
        select f.place, h.epoch, h.head, h.logged_on, n.seq, n.tenant_id, n.id, n.entity, n.version, n.kind, n.schema_version,
               n.audience, n.audience_user, n.actor, n.at, n.payload
        from unnest($1, $2, $3, $4, $5) with ordinality as f (tenant_id, topic, epoch, seq, since, place)
        left join underpin.topic_head h on h.tenant_id = f.tenant_id and h.topic = f.topic
        left join lateral (
            select l.seq, e.tenant_id, e.id, e.entity, e.version, e.kind, e.schema_version, e.audience, e.audience_user, e.actor,
                   e.at, e.payload
            from underpin.event_log l
            left join underpin.event e on e.stored_on = l.event_on and e.id = l.event_id
            where l.tenant_id = f.tenant_id and l.epoch = h.epoch and f.epoch in (0, h.epoch)
              and l.seq > f.seq and l.seq <= f.seq + $6 and l.logged_on between f.since and h.logged_on
        ) n on true
        where coalesce(h.epoch, 0) <> f.epoch or coalesce(h.head, 0) <> f.seq
        order by f.place, n.seq";
}
