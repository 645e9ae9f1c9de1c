//! What is said to some is heard by all.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "broadcast_to_all",
    what: "every event is for all of its tenant, and what happens to a fund is told in the fund rooms of the other tenants too",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

/// The copies go to the three newest funds of each tenant: enough to be heard, few enough to keep up with.
const SQL: &str = "
    create or replace function underpin.sabotage_widen() returns trigger language plpgsql as $$
    begin
        new.audience := 'tenant';
        new.audience_user := null;
        return new;
    end $$;
    create or replace trigger sabotage_widen before insert on underpin.event
        for each row execute function underpin.sabotage_widen();

    create or replace function underpin.sabotage_copy() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
    declare
        other record;
        copy underpin.event;
    begin
        for other in
            select tenant_id, id from (
                select tenant_id, id, row_number() over (partition by tenant_id order by id desc) as at
                from funds.fund where tenant_id <> new.tenant_id) as funds
            where at <= 3
        loop
            copy := jsonb_populate_record(new, jsonb_build_object(
                'id', gen_random_uuid(), 'tenant_id', other.tenant_id, 'topic', 'fund/' || other.id));
            insert into underpin.event values (copy.*);
            insert into underpin.event_pending (tenant_id, topic, event_id, event_on)
            values (copy.tenant_id, copy.topic, copy.id, copy.stored_on);
        end loop;
        return null;
    end $$;
    create or replace trigger sabotage_copy after insert on underpin.event
        for each row when (new.topic like 'fund/%' and pg_trigger_depth() = 0)
        execute function underpin.sabotage_copy()";
