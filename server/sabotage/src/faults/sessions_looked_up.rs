//! Nobody is remembered.

use underpin_server::Build;

use super::Fault;
use crate::database;

pub(super) const FAULT: Fault = Fault {
    name: "sessions_looked_up",
    what: "no process may read whose access changed, so each looks every session up for every call",
    put_into: |build| Build { prepare: |url| Box::pin(database::run(url, SQL)), ..build },
};

const SQL: &str = "
    do $$ begin
        execute coalesce((select string_agg(format('revoke select on underpin.access_change from %I', grantee), '; ')
                 from information_schema.role_table_grants
                 where table_schema = 'underpin' and table_name = 'access_change' and privilege_type = 'SELECT'
                   and grantee like '%system'), 'select');
    end $$";
