-- Why this is not as the audit asks of tables of tenants.
comment on table underpin.mail is
    'audit db.indexes: found by its id or by mail_dedupe, which tenant_key leads; mails about accounts have no tenant';
