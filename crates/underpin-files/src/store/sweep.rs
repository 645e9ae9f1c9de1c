//! SQL of the sweep, across tenants.

use underpin_db::statements;

statements! {
    /// Take rows whose time is over; for another sweeper they are there again after a while, in case this one dies.
    pub(crate) CLAIM_EXPIRED: "files.claim_expired" (INT8, INT8) -> (UUID, UUID, TEXT, TEXT, BOOL)
        = "with old as ( \
             select tenant_id, id from underpin.upload where stored_at is null and expires_at < underpin.now() \
             order by expires_at limit $1 for update skip locked \
           ) update underpin.upload u set swept_at = underpin.now(), expires_at = underpin.now() + $2 * interval '1 second' \
           from old where u.tenant_id = old.tenant_id and u.id = old.id and u.stored_at is null \
           returning u.tenant_id, u.id, u.object_key, u.multipart_id, u.announced_sha256 is not null";
    /// Forget a row that was taken, now that nothing of it lies in the store.
    pub(crate) DELETE_SWEPT: "files.delete_swept" (UUID, UUID) -> ()
        = "delete from underpin.upload where tenant_id = $1 and id = $2 and swept_at is not null and stored_at is null";
    /// Which of these keys have a row.
    pub(crate) LIST_KNOWN: "files.list_known" (TEXT_ARRAY) -> (TEXT)
        = "select object_key from underpin.upload where object_key = any($1)";
    /// Which of these keys have a row whose file is still to come.
    pub(crate) LIST_OPEN: "files.list_open" (TEXT_ARRAY) -> (TEXT)
        = "select object_key from underpin.upload where object_key = any($1) and stored_at is null";
}
