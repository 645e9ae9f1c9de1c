-- Changes by hand, and what a dashboard reads.

-- Counts what people change of an allocation; its reports count theirs.
alter table funds.allocation add column version bigint not null default 1;

-- A report is a line of an import, or what a person entered: exactly one of the two.
alter table funds.position_report
    add column version bigint not null default 1,
    add column reported_by uuid,
    add column reported_at timestamptz,
    alter column import_id drop not null,
    alter column line drop not null,
    add constraint position_report_line_form check ((import_id is null) = (line is null)),
    add constraint position_report_reporter_form check ((reported_by is null) = (reported_at is null)),
    add constraint position_report_source_form check ((import_id is null) <> (reported_by is null));

-- What the reports of one date change in the sums of their fund, each against the report of its allocation before it.
-- Summed up to a date they are the fund as it was reported then.
create table funds.fund_movement (
    tenant_id uuid not null,
    fund_id uuid not null,
    as_of date not null,
    committed_minor numeric(38, 0) not null,
    called_minor numeric(38, 0) not null,
    distributed_minor numeric(38, 0) not null,
    value_minor numeric(38, 0) not null,
    primary key (tenant_id, fund_id, as_of),
    constraint fund_movement_fund_fkey foreign key (tenant_id, fund_id) references funds.fund (tenant_id, id)
);

-- When the movements took in what the import applied; null from its first chunk until then. Meanwhile dashboards read the reports.
alter table funds.fund_import add column summed_at timestamptz;
create index fund_import_unsummed_idx on funds.fund_import (tenant_id, id) where summed_at is null;

-- The movements are of all investors together, so only staff see them; an investor's dashboard reads the investor's own reports.
alter table funds.fund_movement enable row level security;
alter table funds.fund_movement force row level security;
grant select, insert, update on funds.fund_movement to {app};
create policy fund_movement_read on funds.fund_movement for select to {app} using (
    tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
create policy fund_movement_insert on funds.fund_movement for insert to {app}
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
create policy fund_movement_update on funds.fund_movement for update to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()))
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));
