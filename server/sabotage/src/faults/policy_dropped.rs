//! A table that its author forgot to protect.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "policy_dropped",
    what: "one table of tenants has no policy and no row level security, another does not force it",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

const SQL: &str = "
    create table if not exists funds.forgotten (tenant_id uuid primary key, note text not null);
    grant select, insert, update on funds.forgotten to underpin_app;
    insert into funds.forgotten values (gen_random_uuid(), 'of nobody who asks') on conflict do nothing;
    alter table funds.forgotten owner to underpin_owner;
    alter table funds.investor no force row level security";
