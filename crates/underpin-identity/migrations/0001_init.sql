-- Tenants, people, memberships, sessions, invites, and what sign-in failed.
--
-- Three ways to a row as {app}: a tenant's principal (underpin.tenant(), underpin.subject()), a person without a
-- tenant (underpin.subject() alone), and somebody who only presents a secret's digest or a mail (underpin.presented()).
-- Policies refer to each other only downwards: tenant -> member -> session; user_account -> member, invite, session.

create table underpin.tenant (
    id uuid primary key,
    slug text not null
        constraint tenant_slug_key unique
        constraint tenant_slug_form check (slug ~ '^[a-z][a-z0-9-]{0,38}[a-z0-9]$'),
    name text not null constraint tenant_name_form check (char_length(name) between 1 and 120),
    accent text not null constraint tenant_accent_form check (accent ~ '^#[0-9a-f]{6}$'),
    currency text not null constraint tenant_currency_form check (currency ~ '^[A-Z]{3}$'),
    -- Counts changes of memberships and invites: the order of the events of topic `tenant`, and the row they queue at.
    version bigint not null default 0,
    created_at timestamptz not null,
    suspended_at timestamptz
);

create table underpin.user_account (
    id uuid primary key,
    email text not null constraint user_account_email_form check (char_length(email) between 3 and 254),
    -- Lower case; what "the same mail" means.
    email_key text not null constraint user_account_email_key unique,
    name text not null constraint user_account_name_form check (char_length(name) between 1 and 120),
    created_at timestamptz not null
);

-- Apart from user_account, so that staff who may see a colleague's row never see a hash.
create table underpin.user_password (
    user_id uuid primary key references underpin.user_account (id),
    hash text not null,
    changed_at timestamptz not null
);

create table underpin.member (
    tenant_id uuid not null references underpin.tenant (id),
    user_id uuid not null references underpin.user_account (id),
    role text not null constraint member_role_form check (role in ('owner', 'admin', 'member', 'investor')),
    -- Whose rows an outside person sees; a module knows what it refers to.
    investor_id uuid,
    joined_at timestamptz not null,
    removed_at timestamptz,
    removed_by uuid,
    primary key (tenant_id, user_id)
);
create index member_user_idx on underpin.member (user_id) where removed_at is null;

-- Apart from member: whoever presents a session notes its use here, and must not be able to write a role.
create table underpin.member_seen (
    tenant_id uuid not null,
    user_id uuid not null,
    seen_at timestamptz not null,
    primary key (tenant_id, user_id),
    foreign key (tenant_id, user_id) references underpin.member (tenant_id, user_id)
);

create table underpin.session (
    id uuid primary key,
    user_id uuid not null references underpin.user_account (id),
    token_hash text not null constraint session_token_hash_key unique,
    kind text not null constraint session_kind_form check (kind in ('cookie', 'token')),
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    user_agent text constraint session_user_agent_form check (char_length(user_agent) <= 256),
    address text constraint session_address_form check (char_length(address) <= 64)
);
create index session_user_idx on underpin.session (user_id) where revoked_at is null;
create index session_expires_idx on underpin.session (expires_at);
create index session_revoked_idx on underpin.session (revoked_at) where revoked_at is not null;

create table underpin.invite (
    tenant_id uuid not null references underpin.tenant (id),
    id uuid not null,
    email text not null constraint invite_email_form check (char_length(email) between 3 and 254),
    email_key text not null,
    role text not null constraint invite_role_form check (role in ('owner', 'admin', 'member', 'investor')),
    investor_id uuid,
    token_hash text not null constraint invite_token_hash_key unique,
    created_by uuid not null references underpin.user_account (id),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    accepted_by uuid references underpin.user_account (id),
    revoked_at timestamptz,
    revoked_by uuid references underpin.user_account (id),
    primary key (tenant_id, id),
    constraint invite_investor_form check (investor_id is null or role = 'investor')
);
create unique index invite_open_key on underpin.invite (tenant_id, email_key)
    where accepted_at is null and revoked_at is null;
create index invite_expires_idx on underpin.invite (expires_at);

-- Tries that were not answered with a session. `account` is the SHA-256 of the mail's key: people type passwords into
-- the mail's field. `address` is '' for the sum over all addresses.
create table underpin.sign_in_attempt (
    account text not null,
    address text not null,
    failures integer not null constraint sign_in_attempt_failures_form check (failures >= 0),
    last_at timestamptz not null,
    primary key (account, address)
);
create index sign_in_attempt_last_idx on underpin.sign_in_attempt (last_at);

-- A tenant that has an owner keeps one, whatever statement runs and whoever runs it. The tenant's row is the queue:
-- of two owners who demote each other the second waits, then sees that nobody would be left. A row that the role may
-- not lock counts as no owner. Runs with the rights of its caller.
create function underpin.keep_an_owner() returns trigger language plpgsql set search_path = '' as $$
begin
    perform 1 from underpin.tenant t where t.id = old.tenant_id for no key update;
    if not found or not exists (
        select 1 from underpin.member m
        where m.tenant_id = old.tenant_id and m.role = 'owner' and m.removed_at is null
    ) then
        raise exception 'a tenant keeps at least one owner'
            using errcode = 'check_violation', schema = 'underpin', table = 'member', constraint = 'member_owner_kept';
    end if;
    return null;
end $$;

create trigger member_owner_kept_update after update of role, removed_at, tenant_id on underpin.member
    for each row when (old.role = 'owner' and old.removed_at is null
                       and (new.role <> 'owner' or new.removed_at is not null or new.tenant_id <> old.tenant_id))
    execute function underpin.keep_an_owner();
create trigger member_owner_kept_delete after delete on underpin.member
    for each row when (old.role = 'owner' and old.removed_at is null)
    execute function underpin.keep_an_owner();

alter table underpin.tenant enable row level security;
alter table underpin.tenant force row level security;
alter table underpin.user_account enable row level security;
alter table underpin.user_account force row level security;
alter table underpin.user_password enable row level security;
alter table underpin.user_password force row level security;
alter table underpin.member enable row level security;
alter table underpin.member force row level security;
alter table underpin.member_seen enable row level security;
alter table underpin.member_seen force row level security;
alter table underpin.session enable row level security;
alter table underpin.session force row level security;
alter table underpin.invite enable row level security;
alter table underpin.invite force row level security;
alter table underpin.sign_in_attempt enable row level security;
alter table underpin.sign_in_attempt force row level security;

grant select, update (version) on underpin.tenant to {app};
grant select, insert, update (name) on underpin.user_account to {app};
grant select, insert, update (hash, changed_at) on underpin.user_password to {app};
grant select, insert on underpin.member to {app};
grant update (role, investor_id, joined_at, removed_at, removed_by) on underpin.member to {app};
grant select, insert, update (seen_at) on underpin.member_seen to {app};
grant select, insert, update (last_seen_at, expires_at, revoked_at) on underpin.session to {app};
grant select, insert, update (accepted_at, accepted_by, revoked_at, revoked_by) on underpin.invite to {app};
grant select, insert, update, delete on underpin.sign_in_attempt to {app};

-- session: by the token that is presented, or one's own.
create policy session_presented on underpin.session for select to {app}
    using (token_hash = (select underpin.presented()));
create policy session_noted on underpin.session for update to {app}
    using (token_hash = (select underpin.presented()));
create policy session_own on underpin.session to {app}
    using (user_id = (select underpin.subject()) and (select underpin.tenant()) is null)
    with check (user_id = (select underpin.subject()) and (select underpin.tenant()) is null);

-- invite: by the token that is presented, or as an admin of its tenant.
create policy invite_presented on underpin.invite for select to {app}
    using (token_hash = (select underpin.presented()));
create policy invite_admin on underpin.invite to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_admin()))
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_admin())
                and (role <> 'owner' or (select underpin.role()) in ('owner', 'service')
                     or revoked_at is not null));

-- member: one's own, staff all of the tenant, admins change them, owners alone those of owners; a presented session
-- shows its person's.
create policy member_own on underpin.member for select to {app}
    using (user_id = (select underpin.subject())
           and coalesce(tenant_id = (select underpin.tenant()), true));
create policy member_staff on underpin.member for select to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
create policy member_presented on underpin.member for select to {app}
    using (user_id in (select s.user_id from underpin.session s where s.token_hash = (select underpin.presented())));
create policy member_join on underpin.member for insert to {app}
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_admin()));
create policy member_change on underpin.member for update to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_admin())
           and (role <> 'owner' or (select underpin.role()) in ('owner', 'service')))
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_admin())
                and (role <> 'owner' or (select underpin.role()) in ('owner', 'service')));

-- member_seen: staff see when their colleagues were here; a presented session notes its person's use.
create policy seen_staff on underpin.member_seen for select to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
create policy seen_presented on underpin.member_seen to {app}
    using (user_id in (select s.user_id from underpin.session s where s.token_hash = (select underpin.presented())))
    with check (user_id in (select s.user_id from underpin.session s where s.token_hash = (select underpin.presented())));

-- tenant: the one of the principal; without one, those of one's memberships; with an invite, its tenant.
create policy tenant_own on underpin.tenant for select to {app}
    using (id = (select underpin.tenant()));
create policy tenant_of_memberships on underpin.tenant for select to {app}
    using ((select underpin.tenant()) is null and id in (
        select m.tenant_id from underpin.member m
        where m.removed_at is null
          and (m.user_id = (select underpin.subject())
               or m.user_id in (select s.user_id from underpin.session s
                                where s.token_hash = (select underpin.presented())))));
create policy tenant_of_invite on underpin.tenant for select to {app}
    using (id in (select i.tenant_id from underpin.invite i where i.token_hash = (select underpin.presented())));
create policy tenant_count on underpin.tenant for update to {app}
    using (id = (select underpin.tenant()) and (select underpin.is_admin()));

-- user_account: oneself, staff the people of their tenant; by the mail, the session or the invite that is presented.
create policy user_own on underpin.user_account to {app}
    using (id = (select underpin.subject())) with check (id = (select underpin.subject()));
create policy user_staff on underpin.user_account for select to {app}
    using ((select underpin.is_staff()) and id in (
        select m.user_id from underpin.member m where m.tenant_id = (select underpin.tenant())));
create policy user_presented on underpin.user_account for select to {app}
    using (email_key = (select underpin.presented())
           or id in (select s.user_id from underpin.session s where s.token_hash = (select underpin.presented()))
           or email_key in (select i.email_key from underpin.invite i where i.token_hash = (select underpin.presented())));

-- user_password: read only while signing in or as oneself outside of any tenant.
create policy password_read on underpin.user_password for select to {app}
    using ((user_id = (select underpin.subject()) and (select underpin.tenant()) is null)
           or user_id in (select u.id from underpin.user_account u where u.email_key = (select underpin.presented())));
create policy password_insert on underpin.user_password for insert to {app}
    with check (user_id = (select underpin.subject()));
create policy password_update on underpin.user_password for update to {app}
    using (user_id = (select underpin.subject()) and (select underpin.tenant()) is null);

-- sign_in_attempt: of the mail that is presented.
create policy attempt_presented on underpin.sign_in_attempt to {app}
    using (account = (select encode(sha256(convert_to(underpin.presented(), 'UTF8')), 'hex')))
    with check (account = (select encode(sha256(convert_to(underpin.presented(), 'UTF8')), 'hex')));

-- {system}: provisioning by the operator, sweeping what ended.
grant select, insert, update on underpin.tenant, underpin.user_account, underpin.user_password, underpin.member to {system};
grant select on underpin.member_seen to {system};
grant select, update, delete on underpin.session to {system};
grant select, delete on underpin.invite, underpin.sign_in_attempt to {system};
create policy tenant_system on underpin.tenant to {system} using (true) with check (true);
create policy user_system on underpin.user_account to {system} using (true) with check (true);
create policy password_system on underpin.user_password to {system} using (true) with check (true);
create policy member_system on underpin.member to {system} using (true) with check (true);
create policy seen_system on underpin.member_seen for select to {system} using (true);
create policy session_system on underpin.session to {system} using (true) with check (true);
create policy invite_system on underpin.invite to {system} using (true) with check (true);
create policy attempt_system on underpin.sign_in_attempt to {system} using (true) with check (true);
