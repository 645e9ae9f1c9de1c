//! Whoever says that a file has arrived is believed.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "direct_believed",
    what: "a file that went past the server counts as soon as its sender says that it is there",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

/// The row is stored before anybody has looked, under the key of a copy that nobody made.
const SQL: &str = "
    create or replace function underpin.sabotage_believe() returns trigger language plpgsql as $$
    begin
        if new.completed_at is not null and old.completed_at is null then
            new.stored_at := new.completed_at;
            new.unused_since := new.completed_at;
            new.bytes := new.announced_bytes;
            new.sha256 := new.announced_sha256;
        end if;
        return new;
    end $$;
    create or replace trigger sabotage_believe before update on underpin.upload
        for each row execute function underpin.sabotage_believe()";
