//! SQL of `underpin.upload`.

use underpin_db::statements;

statements! {
    /// The row that comes before the bytes, if the person and the tenant have fewer open than they may: ($10, $11). Under the lock of
    /// the tenant's usage, so that the count is exact. How many they had, and whether it was inserted.
    pub(crate) INSERT_UPLOAD: "files.insert_upload"
        (UUID, UUID, TEXT, TEXT, TEXT, UUID, TIMESTAMPTZ, INT8, BYTEA, INT8, INT8, INT8) -> (INT8, INT8, BOOL)
        = "with open as ( \
             select count(*) filter (where created_by = $6) as mine, count(*) as ours from underpin.upload \
             where tenant_id = $1 and stored_at is null and refused is null and swept_at is null and completed_at is null \
               and expires_at > underpin.now() and (announced_sha256 is null) = ($9::bytea is null) \
           ), begun as ( \
             insert into underpin.upload (tenant_id, id, object_key, filename, media_type, created_by, created_at, \
                                          announced_bytes, announced_sha256, expires_at) \
             select $1, $2, $3, $4, $5, $6, $7, $8, $9, underpin.now() + $12 * interval '1 second' \
             from open where open.mine < $10 and open.ours < $11 returning 1 \
           ) select open.mine, open.ours, exists (select from begun) from open";
    /// The bytes go on arriving; 0 rows if the sweep took it.
    pub(crate) RENEW: "files.renew" (UUID, UUID, INT8) -> ()
        = "update underpin.upload set expires_at = underpin.now() + $3 * interval '1 second' \
           where tenant_id = $1 and id = $2 and stored_at is null and swept_at is null";
    /// What the bucket calls its parts, before the first is written; 0 rows if the sweep took it.
    pub(crate) NOTE_MULTIPART: "files.note_multipart" (UUID, UUID, TEXT) -> ()
        = "update underpin.upload set multipart_id = $3 \
           where tenant_id = $1 and id = $2 and stored_at is null and swept_at is null";
    /// The file is whole and used from this commit on; 0 rows if it was swept or is used already.
    pub(crate) MARK_STORED: "files.mark_stored" (UUID, UUID, INT8, BYTEA, TIMESTAMPTZ) -> ()
        = "update underpin.upload set bytes = $3, sha256 = $4, stored_at = $5 \
           where tenant_id = $1 and id = $2 and stored_at is null and swept_at is null and announced_sha256 is null";
    /// Forget an upload that was not used.
    pub(crate) DELETE_UNUSED: "files.delete_unused" (UUID, UUID) -> ()
        = "delete from underpin.upload where tenant_id = $1 and id = $2 and stored_at is null";
    /// An upload.
    pub(crate) FIND_UPLOAD: "files.find_upload" (UUID, UUID)
        -> (TEXT, TEXT, TEXT, INT8, BYTEA, INT8, BYTEA, UUID, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, TEXT, TIMESTAMPTZ, TIMESTAMPTZ)
        = "select object_key, filename, media_type, bytes, sha256, announced_bytes, announced_sha256, created_by, created_at, \
                  expires_at, completed_at, refused, stored_at, unused_since \
           from underpin.upload where tenant_id = $1 and id = $2 and swept_at is null";
    /// The sender says that the file has arrived; 0 rows if it was said before, or the sweep took it.
    pub(crate) MARK_COMPLETED: "files.mark_completed" (UUID, UUID, TIMESTAMPTZ, INT8) -> ()
        = "update underpin.upload set completed_at = $3, expires_at = underpin.now() + $4 * interval '1 second' \
           where tenant_id = $1 and id = $2 and announced_sha256 is not null and completed_at is null and stored_at is null \
             and swept_at is null";
    /// The file was looked at and is what was announced; 0 rows if that is known already, or it is gone.
    pub(crate) MARK_VERIFIED: "files.mark_verified" (UUID, UUID, TIMESTAMPTZ, TEXT) -> ()
        = "update underpin.upload set bytes = announced_bytes, sha256 = announced_sha256, stored_at = $3, unused_since = $3, \
                  object_key = $4 \
           where tenant_id = $1 and id = $2 and completed_at is not null and refused is null and stored_at is null \
             and swept_at is null";
    /// The file was looked at and is not what was announced; the row is kept for a while, so that the sender learns why.
    pub(crate) MARK_REFUSED: "files.mark_refused" (UUID, UUID, TEXT, INT8) -> ()
        = "update underpin.upload set refused = $3, expires_at = underpin.now() + $4 * interval '1 second' \
           where tenant_id = $1 and id = $2 and refused is null and stored_at is null and swept_at is null";
    /// Something uses the file from this commit on; none if it is not stored, or used already.
    pub(crate) MARK_USED: "files.mark_used" (UUID, UUID) -> (TEXT, TEXT, INT8, BYTEA)
        = "update underpin.upload set unused_since = null \
           where tenant_id = $1 and id = $2 and unused_since is not null returning object_key, filename, bytes, sha256";
    /// Remove a stored file that nothing uses, or one that was announced; none if something uses it.
    pub(crate) DELETE_UPLOAD: "files.delete_upload" (UUID, UUID) -> (TEXT, INT8)
        = "delete from underpin.upload where tenant_id = $1 and id = $2 and swept_at is null \
             and (unused_since is not null or (stored_at is null and announced_sha256 is not null)) \
           returning object_key, coalesce(bytes, 0)";
}
