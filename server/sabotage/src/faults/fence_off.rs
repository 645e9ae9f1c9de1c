//! A worker that was given up for dead may go on.

use underpin_runtime::Settings;
use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "fence_off",
    what: "a silent worker's jobs are taken over, but nobody tells it, and whatever it says or commits late is accepted",
    put_into: |build| Build {
        prepare: |url| Box::pin(database::run(url, SQL)),
        settings: |mut settings: Settings| {
            settings.jobs.lease_seconds = LEASE_SECONDS;
            settings
        },
        ..build
    },
};

/// A worker says every eighth of it that it lives, and believes for five eighths that its jobs are its own.
const LEASE_SECONDS: u32 = 24;

/// A claim keeps its number, so no number is ever too low. After five seconds without a word (19 of 24 are left) the jobs of a worker go
/// to others, while in the books the worker lives. A worker that says that its attempt failed gets the job again in the same turn,
/// whoever has it meanwhile: the server ends the connections of one that stood still in the middle of a transaction, so that this is
/// the first thing that such a worker says. The book's own constraint, which refuses to count a line twice, is gone.
const SQL: &str = "
    do $$
    declare
        change record;
        was text;
    begin
        for change in
            select * from (values
                ('underpin.job_claim_tenant', $q$nextval('underpin.job_claim')$q$,
                 $q$('x' || substr(md5(j.id::text), 1, 15))::bit(60)::bigint$q$),
                ('underpin.job_reclaim', $q$and w.ended_at is null)$q$,
                 $q$and w.ended_at is null and w.epoch in (
                     select l.epoch from underpin.worker_lease l where l.until > underpin.now() + interval '19 seconds'))$q$),
                ('underpin.job_fail', $q$when h.delay_ms > 0 then$q$, $q$when h.outcome <> 'retry' and h.delay_ms > 0 then$q$)
            ) as changes (function, old, new)
        loop
            was := pg_get_functiondef(change.function::regproc);
            continue when position(change.new in was) > 0;
            if position(change.old in was) = 0 then
                raise exception '% does not hold %', change.function, change.old;
            end if;
            execute replace(was, change.old, change.new);
        end loop;
    end $$;
    alter table funds.fund_import drop constraint if exists fund_import_rows_add_up";
