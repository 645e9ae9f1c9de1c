//! SQL of `underpin.upload_usage`.

use underpin_db::statements;

statements! {
    /// What a tenant has stored; nobody else of the tenant begins or stores an upload until the end of the transaction.
    pub(crate) LOCK_USAGE: "files.lock_usage" (UUID) -> (INT8)
        = "select bytes from underpin.upload_usage where tenant_id = $1 for update";
    /// Begin to count a tenant, or take what a rival has begun; either way the row is locked.
    pub(crate) INSERT_USAGE: "files.insert_usage" (UUID) -> (INT8)
        = "insert into underpin.upload_usage (tenant_id, bytes) \
           select $1, coalesce(sum(bytes), 0)::bigint from underpin.upload where tenant_id = $1 and stored_at is not null \
           on conflict (tenant_id) do update set bytes = upload_usage.bytes returning bytes";
    /// Count a file, if the tenant may store so much ($3) in all; 0 rows if not.
    pub(crate) ADD_USAGE: "files.add_usage" (UUID, INT8, INT8) -> ()
        = "update underpin.upload_usage set bytes = bytes + $2 where tenant_id = $1 and bytes + $2 <= $3";
    /// A file is gone.
    pub(crate) SUBTRACT_USAGE: "files.subtract_usage" (UUID, INT8) -> ()
        = "update underpin.upload_usage set bytes = greatest(bytes - $2, 0) where tenant_id = $1";
}
