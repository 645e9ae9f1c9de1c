//! SQL of `underpin.upload`.

use underpin_db::statements;

statements! {
    /// The row that comes before the bytes.
    pub(crate) INSERT_UPLOAD: "files.insert_upload" (UUID, UUID, TEXT, TEXT, TEXT, UUID, TIMESTAMPTZ) -> ()
        = "insert into underpin.upload (tenant_id, id, object_key, filename, media_type, created_by, created_at) \
           values ($1, $2, $3, $4, $5, $6, $7)";
    /// The file is whole and used from this commit on; 0 rows if it was swept or is used already.
    pub(crate) MARK_STORED: "files.mark_stored" (UUID, UUID, INT8, BYTEA, TIMESTAMPTZ) -> ()
        = "update underpin.upload set bytes = $3, sha256 = $4, stored_at = $5 \
           where tenant_id = $1 and id = $2 and stored_at is null";
    /// Forget an upload that was not used.
    pub(crate) DELETE_UNUSED: "files.delete_unused" (UUID, UUID) -> ()
        = "delete from underpin.upload where tenant_id = $1 and id = $2 and stored_at is null";
    /// Take the rows that were begun before an instant and never used; the caller deletes their objects.
    pub(crate) SWEEP_UNUSED: "files.sweep_unused" (TIMESTAMPTZ, INT8) -> (TEXT)
        = "delete from underpin.upload u using ( \
             select tenant_id, id from underpin.upload where stored_at is null and created_at < $1 \
             order by created_at limit $2) old \
           where u.tenant_id = old.tenant_id and u.id = old.id and u.stored_at is null returning u.object_key";
    /// Which of these keys have a row.
    pub(crate) LIST_KNOWN: "files.list_known" (TEXT_ARRAY) -> (TEXT)
        = "select object_key from underpin.upload where object_key = any($1)";
}
