//! What checks ask the catalogue. Each statement runs as role `app` or `system`, which own nothing.

underpin_db::statements! {
    /// Every table: schema, name, its row level security (`off`, `enabled`, `forced`), whether it is a partition, whether it
    /// has a tenant, its owner, what the role may do to it, for which of that it has policies for the role, and the
    /// policies of the role that let everything through.
    pub(crate) TABLES: "audit.list_tables" ()
        -> (TEXT, TEXT, TEXT, BOOL, BOOL, TEXT, TEXT_ARRAY, TEXT_ARRAY, TEXT_ARRAY) = "
        select n.nspname::text, c.relname::text,
               case when c.relrowsecurity and c.relforcerowsecurity then 'forced' when c.relrowsecurity then 'enabled' else 'off' end,
               c.relispartition,
               exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id'),
               pg_catalog.pg_get_userbyid(c.relowner)::text,
               array(select v from unnest(array['DELETE', 'INSERT', 'REFERENCES', 'SELECT', 'TRIGGER', 'TRUNCATE', 'UPDATE']) v
                     where has_table_privilege(c.oid, v)
                        or (v in ('INSERT', 'SELECT', 'UPDATE', 'REFERENCES') and has_any_column_privilege(c.oid, v))),
               array(select distinct p.cmd from pg_catalog.pg_policies p
                     where p.schemaname = n.nspname and p.tablename = c.relname
                       and p.roles && array[current_user, 'public']::name[] and p.permissive = 'PERMISSIVE'),
               array(select p.policyname::text from pg_catalog.pg_policies p
                     where p.schemaname = n.nspname and p.tablename = c.relname
                       and p.roles && array[current_user, 'public']::name[] and p.permissive = 'PERMISSIVE'
                       and (p.qual in ('true', '(1 = 1)') or p.with_check in ('true', '(1 = 1)')))
          from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema)'
         order by 1, 2";

    /// What the role is: its name, superuser, above row security, may make roles or databases, tables that it owns, schemas
    /// or databases in which it may make things, roles whose rights it has.
    pub(crate) ROLE: "audit.get_role" () -> (TEXT, BOOL, BOOL, BOOL, INT8, INT8, INT8) = "
        /* reads all: an audit asks the catalogue once */
        select r.rolname::text, r.rolsuper, r.rolbypassrls, r.rolcreaterole or r.rolcreatedb,
               (select count(*) from pg_catalog.pg_class c where c.relowner = r.oid),
               (select count(*) from pg_catalog.pg_namespace n
                where n.nspname !~ '^(pg_|information_schema)' and has_schema_privilege(n.oid, 'CREATE'))
               + (case when has_database_privilege(current_database(), 'CREATE') then 1 else 0 end),
               (select count(*) from pg_catalog.pg_auth_members m where m.member = r.oid)
          from pg_catalog.pg_roles r where r.rolname = current_user";

    /// Functions that run with their owner's rights and that the role may call.
    pub(crate) DEFINERS: "audit.list_definers" () -> (TEXT) = "
        select p.oid::regprocedure::text
          from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
         where n.nspname !~ '^(pg_|information_schema)' and p.prosecdef and has_function_privilege(p.oid, 'EXECUTE')
         order by 1";

    /// For each table that the role may read: how many rows it sees in its present scope, and how many of them belong to
    /// another tenant than the one that is given.
    pub(crate) VISIBLE: "audit.count_visible" (TEXT) -> (TEXT, INT8, INT8) = "
        select t.name,
               substring(x.counts from '<seen>([0-9]+)</seen>')::int8,
               substring(x.counts from '<others>([0-9]+)</others>')::int8
          from (select n.nspname || '.' || c.relname as name, n.nspname, c.relname,
                       exists (select from pg_catalog.pg_attribute a
                               where a.attrelid = c.oid and a.attname = 'tenant_id') as has_tenant
                  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                 where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema)'
                   and not c.relispartition and has_any_column_privilege(c.oid, 'SELECT')) t,
               lateral (select query_to_xml(format('select count(*) as seen, count(*) filter (where %s) as others from %I.%I',
                            case when t.has_tenant then format('tenant_id::text is distinct from %L', $1) else 'false' end,
                            t.nspname, t.relname), false, true, '')::text as counts) x
         order by 1";

    /// What the server shows of the role's own connections: their names and their last statements.
    pub(crate) ACTIVITY: "audit.list_activity" () -> (TEXT, TEXT) = "
        select application_name, query from pg_catalog.pg_stat_activity where usename = current_user";

    /// Connections of the role that sleep in a statement now.
    pub(crate) SLEEPERS: "audit.count_sleepers" () -> (INT8) = "
        select count(*) from pg_catalog.pg_stat_activity
         where usename = current_user and state = 'active' and pid <> pg_backend_pid() and query like '%pg_sleep%'";

    /// How many connections the server takes.
    pub(crate) MAX_CONNECTIONS: "audit.get_max_connections" () -> (INT4) = "
        select current_setting('max_connections')::int4";

    /// The role's other sessions in this database: their names, what they do, and for how many milliseconds they have.
    pub(crate) SESSIONS: "audit.list_sessions" () -> (TEXT, TEXT, INT8) = "
        select coalesce(application_name, ''), coalesce(state, ''),
               coalesce((extract(epoch from underpin.now() - state_change) * 1000)::int8, 0)
          from pg_catalog.pg_stat_activity
         where usename = current_user and datname = current_database() and pid <> pg_backend_pid()
         order by 1";

    /// How old the role's sessions of this name are, in milliseconds; the one that waits for hints is no part of a pool.
    pub(crate) AGES: "audit.list_ages" (TEXT) -> (INT8) = "
        select (extract(epoch from underpin.now() - backend_start) * 1000)::int8
          from pg_catalog.pg_stat_activity
         where usename = current_user and datname = current_database() and application_name like $1
           and query !~* '^listen'";

    /// For each table that the role may read whole: the bytes of its largest row in the present scope, written as text.
    pub(crate) LARGEST: "audit.list_largest_rows" () -> (TEXT, INT8) = "
        select n.nspname || '.' || c.relname,
               substring(query_to_xml(format('select coalesce(max(octet_length(whole_row::text)), 0) as largest from %I.%I as whole_row',
                   n.nspname, c.relname), false, true, '')::text from '<largest>([0-9]+)</largest>')::int8
          from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema)' and not c.relispartition
           and has_table_privilege(c.oid, 'SELECT')
         order by 2 desc, 1";

    /// How many jobs of a tenant there are, in whatever state.
    pub(crate) COUNT_JOBS: "audit.count_jobs" (UUID) -> (INT8) = "
        /* reads all: an audit asks once for a tenant of its own */
        select (select count(*) from underpin.job where tenant_id = $1) + (select count(*) from underpin.job_done where tenant_id = $1)
             + (select count(*) from underpin.job_dead where tenant_id = $1)";

    /// Show a schedule as a process sees it whose look began before another's was committed: its newest tick is in the ledger, and not yet
    /// in its row. Gives the tick and the epoch that has it; no row if it never fired.
    pub(crate) LOOK_AGAIN: "audit.look_again" (TEXT) -> (TIMESTAMPTZ, INT8) = "
        update underpin.schedule s set last_tick = f.tick - s.every_ms * interval '1 millisecond'
          from underpin.schedule_fire f
         where s.name = $1 and f.schedule = s.name and f.tick = s.last_tick
        returning f.tick, f.epoch";

    /// The migrations of a database, oldest first.
    pub(crate) MIGRATIONS: "audit.list_migrations" () -> (TEXT, TEXT) = "
        /* reads all: an audit asks a database of its own */
        select component, version from underpin.migration order by applied_at, component, version";

    /// Columns of an instant without a zone, and keys of tenants' tables that count: the column, its type, and why it is excused.
    pub(crate) ODD_COLUMNS: "audit.list_odd_columns" () -> (TEXT, TEXT, TEXT) = "
        select n.nspname || '.' || c.relname || '.' || a.attname,
               case when a.attidentity <> '' then 'identity ' when d.adbin is not null then 'serial ' else '' end
               || format_type(a.atttypid, null),
               substring(col_description(c.oid, a.attnum) from '^audit db.types: (.+)$')
          from pg_catalog.pg_attribute a
          join pg_catalog.pg_class c on c.oid = a.attrelid
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
               and pg_get_expr(d.adbin, d.adrelid) ~ '^nextval\\('
         where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^(pg_|information_schema)'
           and a.attnum > 0 and not a.attisdropped
           and (a.atttypid in ('timestamp'::regtype, 'timetz'::regtype)
                or ((a.attidentity <> '' or d.adbin is not null)
                    and exists (select from pg_catalog.pg_attribute t where t.attrelid = c.oid and t.attname = 'tenant_id')
                    and exists (select from pg_catalog.pg_index i
                                where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey))))
         order by 1";

    /// Of each table whose rows have an `id` and a tenant: how many rows of the given tenant the role sees, and how many ids
    /// are of another version than 7.
    pub(crate) ID_VERSIONS: "audit.count_id_versions" (TEXT) -> (TEXT, INT8, INT8) = "
        select t.name,
               substring(x.counts from '<seen>([0-9]+)</seen>')::int8,
               substring(x.counts from '<others>([0-9]+)</others>')::int8
          from (select n.nspname || '.' || c.relname as name, n.nspname, c.relname
                  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                 where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema)' and not c.relispartition
                   and has_column_privilege(c.oid, (select a.attnum from pg_catalog.pg_attribute a
                        where a.attrelid = c.oid and a.attname = 'id' and a.atttypid = 'uuid'::regtype), 'SELECT')
                   and has_column_privilege(c.oid, (select a.attnum from pg_catalog.pg_attribute a
                        where a.attrelid = c.oid and a.attname = 'tenant_id'), 'SELECT')) t,
               lateral (select query_to_xml(format('select count(*) as seen, '
                            'count(*) filter (where substr(id::text, 15, 1) <> ''7'') as others from %I.%I where tenant_id::text = %L',
                            t.nspname, t.relname, $1), false, true, '')::text as counts) x
         order by 1";

    /// Foreign keys whose columns no index begins with: the table, the key, and why it is excused. An index over those rows
    /// only that refer to something serves as well.
    pub(crate) BARE_FOREIGN_KEYS: "audit.list_bare_foreign_keys" () -> (TEXT, TEXT, TEXT) = "
        select n.nspname || '.' || c.relname, k.conname::text || ' ' || pg_get_constraintdef(k.oid),
               substring(obj_description(k.oid, 'pg_constraint') from '^audit db.indexes: (.+)$')
          from pg_catalog.pg_constraint k
          join pg_catalog.pg_class c on c.oid = k.conrelid
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where k.contype = 'f' and not c.relispartition
           and not exists (
               select from pg_catalog.pg_index i
                where i.indrelid = k.conrelid and i.indisvalid and i.indexprs is null
                  and (select array_agg(x order by x) from unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) x)
                      = (select array_agg(x order by x) from unnest(k.conkey) x)
                  and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) in (
                       select format('(%I IS NOT NULL)', a.attname) from pg_catalog.pg_attribute a
                        where a.attrelid = k.conrelid and a.attnum = any (k.conkey))))
         order by 1, 2";

    /// Indexes that another one makes needless: the same columns in the same order, or the first of them, over the same rows.
    pub(crate) NEEDLESS_INDEXES: "audit.list_needless_indexes" () -> (TEXT, TEXT, TEXT) = "
        select n.nspname || '.' || c.relname, o.indexrelid::regclass::text || ' beside ' || b.indexrelid::regclass::text,
               substring(obj_description(o.indexrelid, 'pg_class') from '^audit db.indexes: (.+)$')
          from pg_catalog.pg_index o
          join pg_catalog.pg_index b on b.indrelid = o.indrelid and b.indexrelid <> o.indexrelid
          join pg_catalog.pg_class c on c.oid = o.indrelid
          join pg_catalog.pg_class oc on oc.oid = o.indexrelid
          join pg_catalog.pg_class bc on bc.oid = b.indexrelid
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where not c.relispartition and n.nspname !~ '^(pg_|information_schema)' and oc.relam = bc.relam
           and o.indexprs is null and b.indexprs is null and b.indisvalid
           and pg_get_expr(o.indpred, o.indrelid) is not distinct from pg_get_expr(b.indpred, b.indrelid)
           and (b.indkey::text || ' ') like (o.indkey::text || ' %')
           and (b.indclass::text || ' ') like (o.indclass::text || ' %')
           and (b.indoption::text || ' ') like (o.indoption::text || ' %')
           and (not o.indisunique or (b.indisunique and o.indkey::text = b.indkey::text))
           -- Of twins the later one is needless, and never the one that makes a key unique.
           and (o.indkey::text <> b.indkey::text or o.indisunique < b.indisunique
                or (o.indisunique = b.indisunique and o.indexrelid > b.indexrelid))
         order by 1, 2";

    /// Tables of tenants without an index that begins with the tenant, by which row level security chooses: the table, nothing,
    /// and why it is excused.
    pub(crate) TENANTS_UNLED: "audit.list_tenants_unled" () -> (TEXT, TEXT, TEXT) = "
        select n.nspname || '.' || c.relname, '', substring(obj_description(c.oid, 'pg_class') from '^audit db.indexes: (.+)$')
          from pg_catalog.pg_attribute a
          join pg_catalog.pg_class c on c.oid = a.attrelid
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where a.attname = 'tenant_id' and c.relkind in ('r', 'p') and not c.relispartition
           and n.nspname !~ '^(pg_|information_schema)'
           and not exists (select from pg_catalog.pg_index i
                            where i.indrelid = c.oid and i.indisvalid and i.indpred is null and i.indkey[0] = a.attnum)
         order by 1";

    /// Tables whose rows can be deleted and brought back (`deleted_at`): the table, whether a restrictive policy of the role hides those,
    /// whether an index that the tenant leads holds only the others, and the unique keys that count those too.
    pub(crate) SOFT_TABLES: "audit.list_soft_tables" () -> (TEXT, BOOL, BOOL, TEXT_ARRAY) = "
        select n.nspname || '.' || c.relname,
               exists (select from pg_catalog.pg_policies p
                        where p.schemaname = n.nspname and p.tablename = c.relname and p.permissive = 'RESTRICTIVE' and p.cmd = 'ALL'
                          and p.roles @> array[current_user] and p.qual like '((deleted_at IS NULL) OR %'),
               exists (select from pg_catalog.pg_index i
                        where i.indrelid = c.oid and i.indisvalid and pg_get_expr(i.indpred, i.indrelid) = '(deleted_at IS NULL)'
                          and i.indkey[0] = (select t.attnum from pg_catalog.pg_attribute t
                               where t.attrelid = c.oid and t.attname = 'tenant_id')),
               array(select i.indexrelid::regclass::text from pg_catalog.pg_index i
                      where i.indrelid = c.oid and i.indisunique and not i.indisprimary
                        and pg_get_expr(i.indpred, i.indrelid) is distinct from '(deleted_at IS NULL)' order by 1)
          from pg_catalog.pg_attribute a
          join pg_catalog.pg_class c on c.oid = a.attrelid
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where a.attname = 'deleted_at' and not a.attisdropped and c.relkind in ('r', 'p') and not c.relispartition
           and n.nspname !~ '^(pg_|information_schema)'
         order by 1";

    /// The schema as lines of text: tables and their rights, columns, constraints, indexes, policies, functions, triggers. Partitions are
    /// made day by day and stay out.
    pub(crate) SCHEMA: "audit.list_schema" () -> (TEXT) = "
        with own as (
            select c.oid, c.relname, n.nspname || '.' || c.relname as name, c.relrowsecurity, c.relforcerowsecurity, c.relacl, c.relkind
              from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
             where c.relkind in ('r', 'p', 'v', 'm', 'S') and not c.relispartition and n.nspname !~ '^(pg_|information_schema)')
        select 'table ' || name || ' ' || relkind::text || ' row security ' || relrowsecurity || ' forced ' || relforcerowsecurity
               || coalesce(' rights ' || array_to_string(array(select r::text from unnest(relacl) r order by 1), ' '), '') from own
        union all
        select 'column ' || o.name || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
               || case when a.attnotnull then ' not null' else '' end || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
          from own o join pg_catalog.pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
          left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where o.relkind <> 'S'
        union all
        select 'constraint ' || o.name || '.' || k.conname || ' ' || pg_get_constraintdef(k.oid)
          from own o join pg_catalog.pg_constraint k on k.conrelid = o.oid
        union all
        select 'index ' || pg_get_indexdef(i.indexrelid) || case when i.indisvalid then '' else ' invalid' end
          from own o join pg_catalog.pg_index i on i.indrelid = o.oid
        union all
        select 'policy ' || o.name || '.' || p.policyname || ' ' || p.permissive || ' ' || p.cmd || ' '
               || array_to_string(array(select r::text from unnest(p.roles) r order by 1), ',')
               || coalesce(' using ' || p.qual, '') || coalesce(' check ' || p.with_check, '')
          from own o join pg_catalog.pg_policies p on p.schemaname || '.' || p.tablename = o.name
        union all
        select 'trigger ' || pg_get_triggerdef(t.oid)
          from own o join pg_catalog.pg_trigger t on t.tgrelid = o.oid and not t.tgisinternal
        union all
        select 'function ' || f.oid::regprocedure || ' ' || md5(pg_get_functiondef(f.oid))
          from pg_catalog.pg_proc f join pg_catalog.pg_namespace n on n.oid = f.pronamespace
         where n.nspname !~ '^(pg_|information_schema)' and f.prokind in ('f', 'p')
        order by 1";

    /// Of each table of tenants that the role may read whole: how many rows of the given tenant it sees, how many bytes one has
    /// on the average, and why it is excused.
    pub(crate) ROW_BYTES: "audit.list_row_bytes" (TEXT) -> (TEXT, INT8, INT8, TEXT) = "
        select t.name,
               substring(x.sizes from '<seen>([0-9]+)</seen>')::int8,
               coalesce(substring(x.sizes from '<bytes>([0-9]+)</bytes>')::int8, 0),
               substring(obj_description(t.oid, 'pg_class') from '^audit db.rows: (.+)$')
          from (select n.nspname || '.' || c.relname as name, n.nspname, c.relname, c.oid
                  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                 where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema)' and not c.relispartition
                   and has_table_privilege(c.oid, 'SELECT')
                   and exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')) t,
               lateral (select query_to_xml(format('select count(*) as seen, ceil(avg(pg_column_size(t.*))) as bytes '
                            'from %I.%I t where tenant_id::text = %L', t.nspname, t.relname, $1), false, true, '')::text as sizes) x
         order by 1";
}
