//! A table as it comes out of a hurry: it counts its rows and forgets the zone.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "keys_counted",
    what: "a table of tenants has a serial key and an instant without a zone",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

const SQL: &str = "
    create table if not exists funds.ledger_line (
        tenant_id uuid not null, id bigserial, noted_at timestamp not null, primary key (tenant_id, id));
    alter table funds.ledger_line owner to underpin_owner;
    do $$ begin
        if not exists (select from pg_policy where polrelid = 'funds.ledger_line'::regclass) then
            perform underpin.tenant_table('funds.ledger_line');
        end if;
    end $$";
