-- Why these are not as the audit asks of tables of tenants.
comment on column underpin.event_pending.id is
    'audit db.types: a place in a queue, gone within a second; it must rise in the order of the inserts, which no random id does';
comment on table underpin.event_pending is
    'audit db.indexes: read by role system alone, from its beginning; app only inserts';
comment on table underpin.event is
    'audit db.indexes: found by its place in event_log, which a tenant leads, and by (stored_on, id); written with every change';
