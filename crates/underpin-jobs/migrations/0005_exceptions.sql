-- Why these are not as the audit asks of tables of tenants.
comment on table underpin.job is
    'audit db.indexes: found by its id or by the queue''s indexes, which tenant_key leads; jobs of the platform have no tenant';
comment on table underpin.job_done is 'audit db.indexes: found by its id; history that is dropped by the day';
comment on table underpin.job_dead is 'audit db.indexes: found by its id or its age; few by their nature';
