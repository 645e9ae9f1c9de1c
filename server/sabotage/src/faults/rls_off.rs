//! Nobody's rows are kept from anybody by the database.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "rls_off",
    what: "the modules' tables show every row to everybody who may read the table",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

const SQL: &str = "
    do $$
    declare
        tab regclass;
    begin
        for tab in
            select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema$|underpin$)'
        loop
            execute format('alter table %s disable row level security', tab);
        end loop;
    end $$";
