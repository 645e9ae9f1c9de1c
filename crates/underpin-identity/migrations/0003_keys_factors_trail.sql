-- API keys, second factors, passwords that were forgotten, and the audit trail.

-- Programs of a tenant. A key acts as itself: its id is the subject of its transactions, so the trail and every `created_by` say which key it was.
create table underpin.api_key (
    tenant_id uuid not null references underpin.tenant (id),
    id uuid not null,
    name text not null constraint api_key_name_form check (char_length(name) between 1 and 120),
    -- No key owns a tenant, and none is an outside person.
    role text not null constraint api_key_role_form check (role in ('admin', 'member')),
    -- `<area>:read`, `<area>:write`.
    scopes text[] not null constraint api_key_scopes_form check (cardinality(scopes) between 1 and 64),
    token_hash text not null constraint api_key_token_hash_key unique,
    created_by uuid not null references underpin.user_account (id),
    created_at timestamptz not null,
    expires_at timestamptz,
    -- To the minute.
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by uuid references underpin.user_account (id),
    primary key (tenant_id, id)
);
create index api_key_created_by_idx on underpin.api_key (created_by);
create index api_key_revoked_by_idx on underpin.api_key (revoked_by) where revoked_by is not null;

-- What a key did was done by no person.
alter table underpin.invite drop constraint invite_created_by_fkey, drop constraint invite_revoked_by_fkey;

-- A second factor: the secret of an authenticator (RFC 6238), sealed.
create table underpin.second_factor (
    user_id uuid primary key references underpin.user_account (id),
    secret bytea not null,
    created_at timestamptz not null,
    -- It counts from its first right code on.
    confirmed_at timestamptz,
    -- The newest time step whose code was taken: no code is taken twice.
    last_step bigint
);
create table underpin.recovery_code (
    user_id uuid not null references underpin.user_account (id),
    code_hash text not null,
    used_at timestamptz,
    primary key (user_id, code_hash)
);
-- A password was right and a second factor is asked for. It is no session and opens nothing but one.
create table underpin.sign_in_challenge (
    id uuid primary key,
    user_id uuid not null references underpin.user_account (id),
    token_hash text not null constraint sign_in_challenge_token_hash_key unique,
    kind text not null constraint sign_in_challenge_kind_form check (kind in ('cookie', 'token')),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    tries integer not null default 0,
    used_at timestamptz
);
create index sign_in_challenge_user_idx on underpin.sign_in_challenge (user_id);
create index sign_in_challenge_expires_idx on underpin.sign_in_challenge (expires_at);
-- When the session showed a second factor, and whether a tenant's staff must.
alter table underpin.session add column second_factor_at timestamptz;
alter table underpin.tenant add column second_factor_required boolean not null default false;

-- A password that somebody asks to set anew. Whether there is such an account only the job finds out, which answers nobody.
create table underpin.password_reset (
    id uuid primary key,
    email_key text not null constraint password_reset_email_form check (char_length(email_key) between 3 and 254),
    language text not null constraint password_reset_language_form check (char_length(language) = 2),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    -- Once a mail was posted.
    user_id uuid references underpin.user_account (id),
    token_hash text constraint password_reset_token_hash_key unique,
    used_at timestamptz,
    constraint password_reset_mailed_form check ((user_id is null) = (token_hash is null) and (used_at is null or user_id is not null))
);
create index password_reset_user_idx on underpin.password_reset (user_id);
create index password_reset_expires_idx on underpin.password_reset (expires_at);

-- The audit trail of a tenant: entries are only ever added, each holds the hash of the one before. Whoever adds one holds the head's row, so
-- rivals queue there. Not partitioned: a chain is read from its beginning, and goes with its tenant.
create table underpin.trail_head (
    tenant_id uuid primary key references underpin.tenant (id),
    seq bigint not null,
    hash bytea not null constraint trail_head_hash_form check (octet_length(hash) = 32)
);
create table underpin.trail_entry (
    tenant_id uuid not null references underpin.tenant (id),
    seq bigint not null constraint trail_entry_seq_form check (seq > 0),
    at timestamptz not null,
    actor_kind text not null constraint trail_entry_actor_form check (actor_kind in ('person', 'key', 'service', 'operator')),
    actor_id uuid,
    action text not null constraint trail_entry_action_form check (octet_length(action) between 1 and 100),
    -- What it was done to: `user/<id>`, `api_key/<id>`.
    subject text constraint trail_entry_subject_form check (octet_length(subject) <= 200),
    -- JSON as it was hashed.
    detail text not null constraint trail_entry_detail_form check (octet_length(detail) <= 8192),
    address text constraint trail_entry_address_form check (octet_length(address) <= 64),
    prev bytea not null constraint trail_entry_prev_form check (octet_length(prev) = 32),
    hash bytea not null constraint trail_entry_hash_form check (octet_length(hash) = 32),
    primary key (tenant_id, seq)
);
-- The same of an account: what happens before any tenant is chosen.
create table underpin.account_trail_head (
    user_id uuid primary key references underpin.user_account (id),
    seq bigint not null,
    hash bytea not null constraint account_trail_head_hash_form check (octet_length(hash) = 32)
);
create table underpin.account_trail_entry (
    user_id uuid not null references underpin.user_account (id),
    seq bigint not null constraint account_trail_entry_seq_form check (seq > 0),
    at timestamptz not null,
    actor_kind text not null constraint account_trail_entry_actor_form check (actor_kind in ('person', 'key', 'service', 'operator')),
    actor_id uuid,
    action text not null constraint account_trail_entry_action_form check (octet_length(action) between 1 and 100),
    subject text constraint account_trail_entry_subject_form check (octet_length(subject) <= 200),
    detail text not null constraint account_trail_entry_detail_form check (octet_length(detail) <= 8192),
    address text constraint account_trail_entry_address_form check (octet_length(address) <= 64),
    prev bytea not null constraint account_trail_entry_prev_form check (octet_length(prev) = 32),
    hash bytea not null constraint account_trail_entry_hash_form check (octet_length(hash) = 32),
    primary key (user_id, seq)
);

alter table underpin.api_key enable row level security;
alter table underpin.api_key force row level security;
alter table underpin.second_factor enable row level security;
alter table underpin.second_factor force row level security;
alter table underpin.recovery_code enable row level security;
alter table underpin.recovery_code force row level security;
alter table underpin.sign_in_challenge enable row level security;
alter table underpin.sign_in_challenge force row level security;
alter table underpin.password_reset enable row level security;
alter table underpin.password_reset force row level security;
alter table underpin.trail_head enable row level security;
alter table underpin.trail_head force row level security;
alter table underpin.trail_entry enable row level security;
alter table underpin.trail_entry force row level security;
alter table underpin.account_trail_head enable row level security;
alter table underpin.account_trail_head force row level security;
alter table underpin.account_trail_entry enable row level security;
alter table underpin.account_trail_entry force row level security;

grant select, insert on underpin.api_key to {app};
grant update (last_used_at, revoked_at, revoked_by) on underpin.api_key to {app};
grant select, insert, update, delete on underpin.second_factor, underpin.recovery_code to {app};
grant select, insert on underpin.sign_in_challenge to {app};
grant update (tries, used_at) on underpin.sign_in_challenge to {app};
grant select, insert on underpin.password_reset to {app};
grant update (used_at) on underpin.password_reset to {app};
grant update (second_factor_at) on underpin.session to {app};
grant update (second_factor_required) on underpin.tenant to {app};
-- Entries are added and read. Nobody who serves changes or deletes one.
grant select, insert on underpin.trail_head, underpin.trail_entry, underpin.account_trail_head, underpin.account_trail_entry to {app}, {system};
grant update (seq, hash) on underpin.trail_head, underpin.account_trail_head to {app}, {system};

-- api_key: by the token that is presented, by admins, and a key sees itself. Only a person who is a member makes one: no key makes keys.
create policy key_presented on underpin.api_key for select to {app}
    using (token_hash = (select underpin.presented()));
create policy key_noted on underpin.api_key for update to {app}
    using (token_hash = (select underpin.presented()));
create policy key_self on underpin.api_key for select to {app}
    using (tenant_id = (select underpin.tenant()) and id = (select underpin.subject()));
create policy key_admin on underpin.api_key for select to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_admin()));
create policy key_made on underpin.api_key for insert to {app}
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_admin())
                and created_by = (select underpin.subject())
                and exists (select from underpin.member m where m.tenant_id = api_key.tenant_id
                            and m.user_id = api_key.created_by and m.removed_at is null));
create policy key_revoked on underpin.api_key for update to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_admin()));
create policy tenant_of_key on underpin.tenant for select to {app}
    using (id in (select k.tenant_id from underpin.api_key k where k.token_hash = (select underpin.presented())));
-- One's own, outside of any tenant.
create policy factor_own on underpin.second_factor to {app}
    using (user_id = (select underpin.subject()) and (select underpin.tenant()) is null)
    with check (user_id = (select underpin.subject()) and (select underpin.tenant()) is null);
create policy code_own on underpin.recovery_code to {app}
    using (user_id = (select underpin.subject()) and (select underpin.tenant()) is null)
    with check (user_id = (select underpin.subject()) and (select underpin.tenant()) is null);
create policy challenge_presented on underpin.sign_in_challenge for select to {app}
    using (token_hash = (select underpin.presented()));
create policy challenge_own on underpin.sign_in_challenge to {app}
    using (user_id = (select underpin.subject()) and (select underpin.tenant()) is null)
    with check (user_id = (select underpin.subject()) and (select underpin.tenant()) is null);
create policy reset_asked on underpin.password_reset for insert to {app}
    with check ('reset/' || email_key = (select underpin.presented()) and user_id is null and used_at is null);
create policy reset_presented on underpin.password_reset for select to {app}
    using (token_hash = (select underpin.presented()));
create policy reset_own on underpin.password_reset for select to {app}
    using (user_id = (select underpin.subject()) and (select underpin.tenant()) is null);
create policy reset_used on underpin.password_reset for update to {app}
    using (user_id = (select underpin.subject()) and (select underpin.tenant()) is null);

-- The trail: whoever acts in a tenant adds to its chain, admins read it; of an account the person does both.
create policy trail_head_tenant on underpin.trail_head to {app}
    using (tenant_id = (select underpin.tenant())) with check (tenant_id = (select underpin.tenant()));
create policy trail_add on underpin.trail_entry for insert to {app}
    with check (tenant_id = (select underpin.tenant()));
create policy trail_read on underpin.trail_entry for select to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_admin()));
create policy account_trail_head_own on underpin.account_trail_head to {app}
    using (user_id = (select underpin.subject()) and (select underpin.tenant()) is null)
    with check (user_id = (select underpin.subject()) and (select underpin.tenant()) is null);
create policy account_trail_add on underpin.account_trail_entry for insert to {app}
    with check (user_id = (select underpin.subject()) and (select underpin.tenant()) is null);
create policy account_trail_read on underpin.account_trail_entry for select to {app}
    using (user_id = (select underpin.subject()) and (select underpin.tenant()) is null);

-- {system}: guards of open connections, the job that mails a reset, verification, sweeping.
grant select on underpin.api_key, underpin.second_factor to {system};
grant select, delete on underpin.sign_in_challenge to {system};
grant select, delete on underpin.password_reset to {system};
grant update (user_id, token_hash) on underpin.password_reset to {system};
create policy key_system on underpin.api_key for select to {system} using (true);
create policy factor_system on underpin.second_factor for select to {system} using (true);
create policy challenge_system on underpin.sign_in_challenge to {system} using (true) with check (true);
create policy reset_system on underpin.password_reset to {system} using (true) with check (true);
create policy trail_head_system on underpin.trail_head to {system} using (true) with check (true);
create policy trail_system on underpin.trail_entry to {system} using (true) with check (true);
create policy account_trail_head_system on underpin.account_trail_head to {system} using (true) with check (true);
create policy account_trail_system on underpin.account_trail_entry to {system} using (true) with check (true);

select underpin.purgeable('underpin.api_key'), underpin.purgeable('underpin.second_factor'), underpin.purgeable('underpin.recovery_code'),
    underpin.purgeable('underpin.sign_in_challenge'), underpin.purgeable('underpin.password_reset'), underpin.purgeable('underpin.trail_head'),
    underpin.purgeable('underpin.trail_entry'), underpin.purgeable('underpin.account_trail_head'),
    underpin.purgeable('underpin.account_trail_entry');
