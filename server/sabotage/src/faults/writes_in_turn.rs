//! One writer at a time.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "writes_in_turn",
    what: "whoever opens a fund while another does waits for it, and for as long again",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

const SQL: &str = "
    create or replace function funds.write_in_turn() returns trigger language plpgsql as $$
    begin
        if not pg_try_advisory_xact_lock(64, 64) then
            perform pg_advisory_xact_lock(64, 64);
            perform pg_sleep(0.05);
        end if;
        return null;
    end $$;
    create or replace trigger fund_in_turn before insert on funds.fund
        for each statement execute function funds.write_in_turn()";
