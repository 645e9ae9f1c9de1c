//! A job dies with its worker.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "jobs_lost",
    what: "a job whose worker died is never taken up by another",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

const SQL: &str = "
    create or replace function underpin.job_reclaim(page_max integer, crashes_max integer)
        returns table (id uuid, kind text, trace text, is_dead boolean)
    language sql set search_path = pg_catalog, pg_temp
    as $$ select null::uuid, null::text, null::text, null::boolean where false $$";
