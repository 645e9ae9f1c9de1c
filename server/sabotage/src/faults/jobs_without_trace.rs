//! A job that does not know what it is for.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "jobs_without_trace",
    what: "a job is enqueued without the trace of the request that wants it",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

const SQL: &str = "
    create or replace function underpin.sabotage_forget_trace() returns trigger language plpgsql as $$
    begin
        new.trace := null;
        return new;
    end $$;
    create or replace trigger sabotage_forget_trace before insert on underpin.job
        for each row execute function underpin.sabotage_forget_trace()";
