//! A row that does not tell its object from another.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "digest_untrue",
    what: "the digest that is kept of a file that a request brought is not that of its bytes",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

const SQL: &str = "
    create or replace function underpin.sabotage_digest() returns trigger language plpgsql as $$
    begin
        if new.announced_sha256 is null and new.stored_at is not null and old.stored_at is null then
            new.sha256 := sha256(new.sha256);
        end if;
        return new;
    end $$;
    create or replace trigger sabotage_digest before update on underpin.upload
        for each row execute function underpin.sabotage_digest()";
