-- What changed of anybody's access: read by each process that keeps in memory whom it let in. Ids only, and none of a row's content.
--
-- A reader asks for the rows of transactions that its last look could not see. Numbers of rows do not say that: a transaction may take its
-- number early and commit late. `xid` does, together with the oldest transaction that was running at the last look.
create table underpin.access_change (
    id bigint generated always as identity primary key,
    xid bigint not null default pg_current_xact_id()::text::bigint,
    kind text not null constraint access_change_kind_form check (kind in ('session', 'person', 'tenant', 'key')),
    subject uuid not null,
    changed_at timestamptz not null default underpin.now()
);
create index access_change_xid_idx on underpin.access_change (xid);
create index access_change_changed_idx on underpin.access_change (changed_at);

alter table underpin.access_change enable row level security;
alter table underpin.access_change force row level security;
-- Whoever changes access tells of it; nobody who serves a tenant can read it. One row too many costs a reader one look-up.
grant insert on underpin.access_change to {app}, {system};
grant select, delete on underpin.access_change to {system};
create policy access_change_told on underpin.access_change for insert to {app}, {system}, {owner} with check (true);
create policy access_change_system on underpin.access_change for all to {system} using (true) with check (true);

-- Triggers, so that no statement can forget it, whoever runs it. With the rights of the caller.
create function underpin.tell_access_change() returns trigger language plpgsql set search_path = '' as $$
begin
    insert into underpin.access_change (kind, subject) values (tg_argv[0], old.id);
    return null;
end $$;
create function underpin.tell_member_change() returns trigger language plpgsql set search_path = '' as $$
begin
    insert into underpin.access_change (kind, subject) values ('person', old.user_id);
    return null;
end $$;

-- The note of a use and the sliding end of a cookie change nobody's access.
create trigger session_change_told after update of user_id, token_hash, kind, revoked_at, expires_at, second_factor_at on underpin.session
    for each row when (old.revoked_at is distinct from new.revoked_at or new.expires_at < old.expires_at
                       or old.second_factor_at is distinct from new.second_factor_at or old.user_id <> new.user_id
                       or old.token_hash <> new.token_hash or old.kind <> new.kind)
    execute function underpin.tell_access_change('session');
create trigger session_end_told after delete on underpin.session
    for each row when (old.revoked_at is null and old.expires_at > underpin.now())
    execute function underpin.tell_access_change('session');
create trigger user_change_told after update of email, name on underpin.user_account
    for each row execute function underpin.tell_access_change('person');
create trigger user_end_told after delete on underpin.user_account
    for each row execute function underpin.tell_access_change('person');
create trigger member_change_told after update of tenant_id, user_id, role, removed_at on underpin.member
    for each row execute function underpin.tell_member_change();
create trigger member_end_told after delete on underpin.member
    for each row execute function underpin.tell_member_change();
create trigger tenant_change_told after update of slug, name, accent, currency, suspended_at, second_factor_required on underpin.tenant
    for each row execute function underpin.tell_access_change('tenant');
create trigger tenant_end_told after delete on underpin.tenant
    for each row execute function underpin.tell_access_change('tenant');
create trigger api_key_change_told after update of token_hash, name, role, scopes, expires_at, revoked_at on underpin.api_key
    for each row execute function underpin.tell_access_change('key');
create trigger api_key_end_told after delete on underpin.api_key
    for each row execute function underpin.tell_access_change('key');
