//! The questions that this crate asks the database itself, and the answers that it keeps for repeated requests.

underpin_db::statements! {
    /// Whether the database answers.
    pub(crate) PING: "http.ping" () -> (INT4) = "select 1";

    /// Sleep for $1 seconds; of the probe routes.
    pub(crate) PROBE_SLEEP: "http.probe_sleep" (FLOAT8) -> (INT4) = "select 1 from pg_sleep($1)";

    /// What the server keeps this transaction to, in milliseconds; of the probe routes.
    pub(crate) PROBE_LIMITS: "http.probe_limits" () -> (INT8, INT8, INT8) = "
        select (select s.setting::int8 from pg_catalog.pg_settings s where s.name = 'statement_timeout'),
               (select s.setting::int8 from pg_catalog.pg_settings s where s.name = 'lock_timeout'),
               (select s.setting::int8 from pg_catalog.pg_settings s where s.name = 'idle_in_transaction_session_timeout')";

    /// Each component's newest migration, and how many of it were applied.
    pub(crate) LIST_SCHEMA: "http.list_schema" () -> (TEXT, TEXT, INT8, TIMESTAMPTZ) = "
        select component, max(version), count(*), max(applied_at) from underpin.migration group by component order by component";

    /// Events that wait for their place in the log, counted to 10,000.
    pub(crate) COUNT_PENDING: "http.count_pending_events" () -> (INT8) = "
        select count(*) from (select from underpin.event_pending limit 10000) pending";

    /// Try the lock of a key ($1), and the answer that is kept for it; one row in any case.
    pub(crate) TAKE_KEY: "http.take_key" (INT8, UUID, UUID, TEXT, TEXT, TIMESTAMPTZ)
        -> (BOOL, BYTEA, INT2, TEXT, TEXT, TEXT, BYTEA) = "
        select pg_try_advisory_xact_lock($1), a.fingerprint, a.status, a.content_type, a.location, a.etag, a.body
        from (select) asked
        left join underpin.stored_answer a
            on a.tenant_id = $2 and a.subject = $3 and a.route = $4 and a.key = $5 and a.expires_at > $6";

    /// The answer that is kept for a key, without its lock.
    pub(crate) FIND_ANSWER: "http.find_answer" (UUID, UUID, TEXT, TEXT, TIMESTAMPTZ)
        -> (BYTEA, INT2, TEXT, TEXT, TEXT, BYTEA) = "
        select fingerprint, status, content_type, location, etag, body from underpin.stored_answer
        where tenant_id = $1 and subject = $2 and route = $3 and key = $4 and expires_at > $5";

    /// Keep an answer: 1 row, or 0 if the key has one already. One that has expired and was not swept yet is replaced.
    pub(crate) INSERT_ANSWER: "http.insert_answer"
        (UUID, UUID, TEXT, TEXT, BYTEA, INT2, TEXT, TEXT, TEXT, BYTEA, TIMESTAMPTZ, TIMESTAMPTZ) -> () = "
        insert into underpin.stored_answer as a
            (tenant_id, subject, route, key, fingerprint, status, content_type, location, etag, body, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict on constraint stored_answer_pkey do update
        set fingerprint = excluded.fingerprint, status = excluded.status, content_type = excluded.content_type,
            location = excluded.location, etag = excluded.etag, body = excluded.body, created_at = excluded.created_at,
            expires_at = excluded.expires_at
        where a.expires_at <= excluded.created_at";

    /// Forget a page of answers that have expired.
    pub(crate) DELETE_ANSWERS: "http.delete_answers" (TIMESTAMPTZ, INT8) -> () = "
        delete from underpin.stored_answer a using (
            select tenant_id, subject, route, key from underpin.stored_answer where expires_at <= $1
            order by expires_at limit $2) old
        where a.tenant_id = old.tenant_id and a.subject = old.subject and a.route = old.route and a.key = old.key
          and a.expires_at <= $1";
}
