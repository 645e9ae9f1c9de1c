-- Mails on their way, and what became of them. What a mail says and whom it is for is sealed: it may carry a link that signs somebody in.
create table underpin.mail (
    id uuid primary key,
    -- Null for a mail to a person that no tenant sends.
    tenant_id uuid,
    tenant_key uuid not null generated always as (coalesce(tenant_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')) stored,
    -- What it is about: a key is mailed once.
    dedupe_key text not null constraint mail_dedupe_key_form check (octet_length(dedupe_key) between 1 and 200),
    kind text not null constraint mail_kind_form check (octet_length(kind) between 1 and 100),
    -- Recipient, subject and bodies; gone once it was sent.
    sealed bytea,
    created_at timestamptz not null,
    -- Not worth sending any more after this.
    expires_at timestamptz,
    sent_at timestamptz,
    refused_at timestamptz,
    reason text,
    constraint mail_end_form check ((refused_at is null) = (reason is null) and (sent_at is null or refused_at is null))
);
create unique index mail_dedupe on underpin.mail (tenant_key, dedupe_key);
create index mail_created on underpin.mail (created_at);

alter table underpin.mail enable row level security;
alter table underpin.mail force row level security;

grant select, insert on underpin.mail to {app};
grant update (sealed, sent_at, refused_at, reason) on underpin.mail to {app};
grant select, insert, update, delete on underpin.mail to {system};

-- Whoever causes a mail posts it, and does not see it again.
create policy mail_post on underpin.mail for insert to {app} with check (
    sent_at is null and refused_at is null
    and tenant_id is not distinct from (select underpin.tenant())
    and ((select underpin.tenant()) is not null or (select underpin.subject()) is not null)
);
-- The job that sends it.
create policy mail_find on underpin.mail for select to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.role()) = 'service');
create policy mail_end on underpin.mail for update to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.role()) = 'service')
    with check (tenant_id = (select underpin.tenant()));
create policy mail_system on underpin.mail to {system} using (true) with check (true);
-- A mail goes with the tenant that sends it.
select underpin.purgeable('underpin.mail');
