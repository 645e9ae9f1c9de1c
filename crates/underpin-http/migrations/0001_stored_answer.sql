-- What a request with an Idempotency-Key was answered, written in the transaction of its effect: both are there or neither is.
create table underpin.stored_answer (
    tenant_id uuid not null,
    -- Whose key it is: nobody else's request is ever answered with this row.
    subject uuid not null,
    -- The route's template, for example /v1/t/{tenant}/funds.
    route text not null,
    key text not null constraint stored_answer_key_form check (octet_length(key) between 1 and 255),
    -- SHA-256 of the whole request: another request under the same key is refused, not answered.
    fingerprint bytea not null constraint stored_answer_fingerprint_form check (octet_length(fingerprint) = 32),
    status smallint not null constraint stored_answer_status_form check (status between 200 and 299),
    content_type text,
    location text,
    etag text,
    body bytea not null constraint stored_answer_body_form check (octet_length(body) <= 65536),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    -- The promise: whatever locks and snapshots do, a key has one answer.
    constraint stored_answer_pkey primary key (tenant_id, subject, route, key)
);
create index stored_answer_expiry_idx on underpin.stored_answer (expires_at);

alter table underpin.stored_answer enable row level security;
alter table underpin.stored_answer force row level security;
grant select, insert, update on underpin.stored_answer to {app};
grant select, delete on underpin.stored_answer to {system};

create policy stored_answer_own on underpin.stored_answer for all to {app}
    using (tenant_id = (select underpin.tenant()) and subject = (select underpin.subject()))
    with check (tenant_id = (select underpin.tenant()) and subject = (select underpin.subject()));

-- The sweep finds what has expired, in every tenant.
create policy stored_answer_sweep on underpin.stored_answer for select to {system} using (true);
create policy stored_answer_sweep_delete on underpin.stored_answer for delete to {system} using (true);
