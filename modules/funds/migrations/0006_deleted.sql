-- What people deleted: hidden by policy, brought back by whoever asks in time, removed for good by a schedule.

alter table funds.fund add column deleted_by uuid;
alter table funds.investor add column deleted_by uuid;
-- An allocation that went with its fund comes back with it, and not apart.
alter table funds.allocation add column deleted_by uuid, add column deleted_with_fund boolean not null default false;

-- Counts what was deleted of the book while the import was under way: what a chunk remembers of names is not true any more then.
alter table funds.fund_import add column deletions bigint not null default 0;

select underpin.hides_deleted('funds.fund'), underpin.hides_deleted('funds.investor'), underpin.hides_deleted('funds.allocation');

-- An export leaves out what hangs on what was deleted. Everybody else comes by these rows through their allocation or fund, which is
-- hidden: a look at it for each report would cost every dashboard.
create policy hides_deleted_export on funds.position_report as restrictive for all to {owner} using (
    not (select underpin.exporting()) or exists (
        select from funds.allocation a
        where a.tenant_id = position_report.tenant_id and a.id = position_report.allocation_id));
create policy hides_deleted_export on funds.fund_movement as restrictive for all to {owner} using (
    not (select underpin.exporting()) or exists (
        select from funds.fund f where f.tenant_id = fund_movement.tenant_id and f.id = fund_movement.fund_id));

-- Dates on which nothing is reported any more go from the sums.
grant delete on funds.fund_movement to {app};
create policy fund_movement_delete on funds.fund_movement for delete to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));

-- The schedule that removes for good sees what was deleted, what hangs on it, and nothing else.
grant usage on schema funds to {system};
grant select, delete on funds.fund, funds.investor, funds.allocation, funds.position_report, funds.fund_movement to {system};
create policy purge_deleted on funds.fund for all to {system} using (deleted_at is not null) with check (false);
create policy purge_deleted on funds.investor for all to {system} using (deleted_at is not null) with check (false);
create policy purge_deleted on funds.allocation for all to {system} using (deleted_at is not null) with check (false);
create policy purge_deleted on funds.position_report for all to {system} using (exists (
    select from funds.allocation a
    where a.tenant_id = position_report.tenant_id and a.id = position_report.allocation_id)) with check (false);
create policy purge_deleted on funds.fund_movement for all to {system} using (exists (
    select from funds.fund f where f.tenant_id = fund_movement.tenant_id and f.id = fund_movement.fund_id)) with check (false);

comment on constraint allocation_investor_fkey on funds.allocation is
    'audit db.indexes: allocation_deal_key finds those that are not deleted; an investor is removed only by the schedule, a few at a time';
