//! Events without a place yet.

underpin_db::statements! {
    /// Store events and mark each as waiting, in the order given. Both writes come from the parameters: reading back what was written
    /// would need the right to read it, which the writer may not have.
    pub(crate) INSERT_EVENTS: "log.insert_events" (
        UUID, UUID, TIMESTAMPTZ, UUID_ARRAY, TEXT_ARRAY, UUID_ARRAY, INT8_ARRAY, TEXT_ARRAY, INT4_ARRAY, TEXT_ARRAY, UUID_ARRAY, JSONB_ARRAY, TEXT
    ) -> () = "
        with given as materialized (
            select * from unnest($4, $5, $6, $7, $8, $9, $10, $11, $12) with ordinality
                as g (id, topic, entity, version, kind, schema_version, audience, audience_user, payload, place)
        ), today as materialized (
            select (underpin.now() at time zone 'UTC')::date as day
        ), stored as (
            insert into underpin.event (stored_on, id, tenant_id, topic, entity, version, kind, schema_version, audience,
                audience_user, actor, trace, at, payload)
            select today.day, g.id, $1, g.topic, g.entity, g.version, g.kind, g.schema_version, g.audience,
                g.audience_user, $2, $13, $3, g.payload
            from given g, today
        )
        insert into underpin.event_pending (tenant_id, topic, event_id, event_on)
        select $1, g.topic, g.id, today.day from given g, today order by g.place";

    /// Give the oldest pending events their place; null if another sequencer is at it.
    pub(crate) SEQUENCE: "log.sequence" (INT4) -> (INT4) = "select underpin.event_sequence($1)";
}
