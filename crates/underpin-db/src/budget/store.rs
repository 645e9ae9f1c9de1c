use crate::statements;

// 0x756e6470 and 0x67617465, "undp" and "gate", name the locks.
statements! {
    /// What the server has, what it keeps for administrators, and what each process of this database has announced.
    pub(crate) BUDGET: "db.budget" () -> (INT4, INT4, INT8_ARRAY) = "
        select current_setting('max_connections')::int4,
               current_setting('superuser_reserved_connections')::int4
                   + coalesce(current_setting('reserved_connections', true)::int4, 0),
               coalesce((select array_agg(l.objid::int8) from pg_catalog.pg_locks l
                         where l.locktype = 'advisory' and l.granted and l.classid = 1970168944::oid
                           and l.database = (select d.oid from pg_catalog.pg_database d
                                             where d.datname = pg_catalog.current_database())), '{}')";

    /// Wait until no other process counts.
    pub(crate) CLOSE_GATE: "db.close_budget_gate" () -> (VOID) = "select pg_advisory_lock(1734440037, 0)";

    /// Let the next process count.
    pub(crate) OPEN_GATE: "db.open_budget_gate" () -> (BOOL) = "select pg_advisory_unlock(1734440037, 0)";

    /// Say that this process may open $1 connections.
    pub(crate) ANNOUNCE: "db.announce" (INT4) -> (VOID) = "select pg_advisory_lock_shared(1970168944, $1)";
}
