//! A job that failed comes back like clockwork.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "retries_even",
    what: "a job that failed is tried again after the same second each time, and all of them together",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

const SQL: &str = "
    do $$
    declare
        was text := pg_get_functiondef('underpin.job_fail'::regproc);
        old text := $q$h.delay_ms * interval '1 millisecond'$q$;
    begin
        if position($q$interval '1 second'$q$ in was) > 0 then return; end if;
        if position(old in was) = 0 then raise exception 'underpin.job_fail does not hold %', old; end if;
        execute replace(was, old, $q$interval '1 second'$q$);
    end $$";
