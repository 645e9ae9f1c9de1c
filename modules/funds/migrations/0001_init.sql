-- Funds, who invests in them, how much was promised, and what was reported about it.
create schema funds;
grant usage on schema funds to {app};

create table funds.fund (
    tenant_id uuid not null,
    id uuid not null,
    name text not null constraint fund_name_form check (char_length(name) between 1 and 200),
    -- What "the same name" means: white space collapsed, Unicode lower case. Bytes compare, so a prefix is a range.
    name_key text collate "C" not null constraint fund_name_key_form check (name_key <> ''),
    -- All amounts of the fund are in its currency.
    currency text not null constraint fund_currency_form check (currency ~ '^[A-Z]{3}$'),
    vintage integer constraint fund_vintage_form check (vintage between 1900 and 2200),
    strategy text constraint fund_strategy_form check (char_length(strategy) between 1 and 200),
    manager text constraint fund_manager_form check (char_length(manager) between 1 and 200),
    version bigint not null default 1,
    created_at timestamptz not null,
    created_by uuid not null,
    deleted_at timestamptz,
    primary key (tenant_id, id)
);
create unique index fund_name_key on funds.fund (tenant_id, name_key) where deleted_at is null;

create table funds.investor (
    tenant_id uuid not null,
    id uuid not null,
    name text not null constraint investor_name_form check (char_length(name) between 1 and 200),
    name_key text collate "C" not null constraint investor_name_key_form check (name_key <> ''),
    -- A person who sees this investor's rows; those who were invited for it (underpin.member.investor_id) see them too.
    user_id uuid,
    version bigint not null default 1,
    created_at timestamptz not null,
    created_by uuid not null,
    deleted_at timestamptz,
    primary key (tenant_id, id)
);
create unique index investor_name_key on funds.investor (tenant_id, name_key) where deleted_at is null;
create index investor_user_idx on funds.investor (tenant_id, user_id) where user_id is not null;

-- A promise of an investor to a fund. Several are told apart by deal and tranche.
create table funds.allocation (
    tenant_id uuid not null,
    id uuid not null,
    fund_id uuid not null,
    investor_id uuid not null,
    deal_ref text not null default '' constraint allocation_deal_ref_form check (char_length(deal_ref) <= 100),
    tranche integer not null default 1 constraint allocation_tranche_form check (tranche >= 1),
    created_at timestamptz not null,
    created_by uuid not null,
    deleted_at timestamptz,
    primary key (tenant_id, id),
    constraint allocation_fund_fkey foreign key (tenant_id, fund_id) references funds.fund (tenant_id, id),
    constraint allocation_investor_fkey foreign key (tenant_id, investor_id) references funds.investor (tenant_id, id)
);
-- In this order, so that a pair is found quickly by either index, also while the planner knows nothing of a table just filled: by
-- (tenant, investor) alone it would read all that a large investor has.
create unique index allocation_deal_key on funds.allocation (tenant_id, investor_id, fund_id, deal_ref, tranche)
    where deleted_at is null;
create index allocation_fund_idx on funds.allocation (tenant_id, fund_id);

-- One file of position reports and what became of it.
create table funds.fund_import (
    tenant_id uuid not null,
    id uuid not null,
    upload_id uuid not null,
    job_id uuid not null,
    kind text not null constraint fund_import_kind_form check (kind in ('funds')),
    -- Facts of the upload, which never change.
    object_key text not null,
    filename text not null,
    bytes bigint not null constraint fund_import_bytes_form check (bytes >= 0),
    sha256 bytea not null constraint fund_import_sha256_form check (octet_length(sha256) = 32),
    -- Of rows that name none.
    currency text not null constraint fund_import_currency_form check (currency ~ '^[A-Z]{3}$'),
    rows_read bigint not null default 0,
    rows_applied bigint not null default 0,
    rows_unchanged bigint not null default 0,
    rows_refused bigint not null default 0,
    warnings bigint not null default 0,
    -- All that were found; at most the first 10,000 are kept in import_finding.
    findings bigint not null default 0,
    bytes_read bigint not null default 0,
    -- Counts its changes: the order of its events.
    version bigint not null default 1,
    error_code text,
    error_message text,
    created_by uuid not null,
    created_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    primary key (tenant_id, id),
    constraint fund_import_upload_fkey foreign key (tenant_id, upload_id) references underpin.upload (tenant_id, id),
    constraint fund_import_rows_add_up check (rows_read = rows_applied + rows_unchanged + rows_refused),
    constraint fund_import_error_form check ((error_code is null) = (error_message is null)),
    constraint fund_import_error_ends check (error_code is null or finished_at is not null)
);

create table funds.import_finding (
    tenant_id uuid not null,
    import_id uuid not null,
    -- Its place among all findings of the file, from 1.
    seq bigint not null,
    line bigint not null,
    column_name text not null,
    severity text not null constraint import_finding_severity_form check (severity in ('error', 'warning')),
    code text not null,
    value text not null,
    message text not null,
    primary key (tenant_id, import_id, seq),
    constraint import_finding_import_fkey foreign key (tenant_id, import_id) references funds.fund_import (tenant_id, id)
);
create index import_finding_severity_idx on funds.import_finding (tenant_id, import_id, severity, seq);

-- What an allocation stood at on a date. Empty cells of the source stay null: "not reported" is not zero.
create table funds.position_report (
    tenant_id uuid not null,
    allocation_id uuid not null,
    as_of date not null,
    commitment_minor bigint not null
        constraint position_report_commitment_form check (commitment_minor between 0 and 1000000000000000),
    called_minor bigint
        constraint position_report_called_form check (called_minor between -1000000000000000 and 1000000000000000),
    distributed_minor bigint
        constraint position_report_distributed_form check (distributed_minor between -1000000000000000 and 1000000000000000),
    value_minor bigint
        constraint position_report_value_form check (value_minor between -1000000000000000 and 1000000000000000),
    -- The last import that named this report, and the line that did: a second line of one file is known by it.
    import_id uuid not null,
    line bigint not null,
    primary key (tenant_id, allocation_id, as_of),
    constraint position_report_allocation_fkey foreign key (tenant_id, allocation_id)
        references funds.allocation (tenant_id, id),
    constraint position_report_import_fkey foreign key (tenant_id, import_id) references funds.fund_import (tenant_id, id)
);

-- Rights. Staff see and write the tenant's rows; an investor reads what hangs on their own investor row.
alter table funds.fund enable row level security;
alter table funds.fund force row level security;
alter table funds.investor enable row level security;
alter table funds.investor force row level security;
alter table funds.allocation enable row level security;
alter table funds.allocation force row level security;
alter table funds.fund_import enable row level security;
alter table funds.fund_import force row level security;
alter table funds.import_finding enable row level security;
alter table funds.import_finding force row level security;
alter table funds.position_report enable row level security;
alter table funds.position_report force row level security;

grant select, insert, update on funds.fund, funds.investor, funds.allocation, funds.fund_import, funds.position_report to {app};
grant select, insert on funds.import_finding to {app};

-- The subselects are evaluated once per statement; those of an investor are never reached for staff.
create policy investor_read on funds.investor for select to {app} using (
    tenant_id = (select underpin.tenant())
    and ((select underpin.is_staff()) or (deleted_at is null and (
        user_id = (select underpin.subject())
        or id in (select m.investor_id from underpin.member m
                  where m.tenant_id = (select underpin.tenant()) and m.user_id = (select underpin.subject())
                    and m.removed_at is null)))));
create policy allocation_read on funds.allocation for select to {app} using (
    tenant_id = (select underpin.tenant())
    and ((select underpin.is_staff()) or (deleted_at is null and investor_id in (
        select i.id from funds.investor i where i.tenant_id = (select underpin.tenant())))));
create policy position_report_read on funds.position_report for select to {app} using (
    tenant_id = (select underpin.tenant())
    and ((select underpin.is_staff()) or allocation_id in (
        select a.id from funds.allocation a where a.tenant_id = (select underpin.tenant()))));
create policy fund_read on funds.fund for select to {app} using (
    tenant_id = (select underpin.tenant())
    and ((select underpin.is_staff()) or id in (
        select a.fund_id from funds.allocation a where a.tenant_id = (select underpin.tenant()))));
create policy fund_import_read on funds.fund_import for select to {app} using (
    tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
create policy import_finding_read on funds.import_finding for select to {app} using (
    tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));

create policy fund_insert on funds.fund for insert to {app}
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
create policy investor_insert on funds.investor for insert to {app}
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
create policy allocation_insert on funds.allocation for insert to {app}
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
create policy fund_import_insert on funds.fund_import for insert to {app}
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
create policy import_finding_insert on funds.import_finding for insert to {app}
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
create policy position_report_insert on funds.position_report for insert to {app}
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));

create policy fund_update on funds.fund for update to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()))
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
create policy investor_update on funds.investor for update to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()))
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
create policy allocation_update on funds.allocation for update to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()))
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
create policy fund_import_update on funds.fund_import for update to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()))
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
create policy position_report_update on funds.position_report for update to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()))
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
