//! SQL of `underpin.file_host`.

use underpin_db::statements;

statements! {
    /// Wait for the right to begin: two processes that begin see each other.
    pub(crate) LOCK_HOSTS: "files.lock_hosts" (INT8) -> (INT4)
        = "select 1 from pg_advisory_xact_lock($1)";
    /// The other processes that live.
    pub(crate) LIST_HOSTS: "files.list_hosts" (UUID) -> (TEXT, TEXT, BOOL)
        = "select host, place, is_local from underpin.file_host \
           where alive_until > underpin.now() and id <> $1 order by alive_until desc limit 1000";
    /// Say that a process lives and where it keeps files.
    pub(crate) UPSERT_HOST: "files.upsert_host" (UUID, TEXT, TEXT, BOOL, INT8) -> ()
        = "insert into underpin.file_host (id, host, place, is_local, alive_until) \
           values ($1, $2, $3, $4, underpin.now() + $5 * interval '1 second') \
           on conflict (id) do update set alive_until = excluded.alive_until";
    /// A process ends in good order.
    pub(crate) DELETE_HOST: "files.delete_host" (UUID) -> ()
        = "delete from underpin.file_host where id = $1";
    /// Forget those that are long dead.
    pub(crate) DELETE_DEAD_HOSTS: "files.delete_dead_hosts" () -> ()
        = "with at as materialized (select underpin.now() - interval '1 day' as day_ago) \
           delete from underpin.file_host h using at where h.alive_until < at.day_ago";
}
