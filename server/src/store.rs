//! What `doctor` asks the database.

underpin_db::statements! {
    /// Facts about the server and the role that asks: version, the server's clock in milliseconds, whether the
    /// role is a superuser or above row level security, and how many tables it owns.
    pub(crate) FACTS: "doctor.facts" () -> (INT4, INT8, BOOL, BOOL, INT8) = "\
        select current_setting('server_version_num')::int4, \
               (extract(epoch from clock_timestamp()) * 1000)::int8, \
               r.rolsuper, r.rolbypassrls, \
               (select count(*) from pg_catalog.pg_class c where c.relowner = r.oid) \
          from pg_catalog.pg_roles r where r.rolname = current_user";
}
