-- Files that go past the web process, what a tenant has stored, and the processes that share a storage.

alter table underpin.upload
    -- When the sweep takes it if it is not stored by then; moved on while bytes arrive, so it is a lease.
    add column expires_at timestamptz not null default underpin.now() + interval '6 hours',
    -- What a bucket calls the parts that arrived, so that any process can abort them.
    add column multipart_id text constraint upload_multipart_id_form check (char_length(multipart_id) <= 2000),
    -- Of a file that is sent to a URL past the server: what the sender announced.
    add column announced_bytes bigint constraint upload_announced_bytes_form check (announced_bytes >= 0),
    add column announced_sha256 bytea constraint upload_announced_sha256_form check (octet_length(announced_sha256) = 32),
    -- The sender says that it has arrived; a job looks at it.
    add column completed_at timestamptz,
    -- Why it was refused then.
    add column refused text constraint upload_refused_known check (refused in ('missing', 'size', 'sha256', 'quota')),
    -- Of a stored file that nothing uses yet: since when.
    add column unused_since timestamptz,
    -- The sweep took it: nobody can use it any more.
    add column swept_at timestamptz,
    add constraint upload_announced_whole check ((announced_bytes is null) = (announced_sha256 is null)),
    add constraint upload_refused_unstored check (refused is null or stored_at is null),
    add constraint upload_swept_unstored check (swept_at is null or stored_at is null);

drop index underpin.upload_receiving_idx;
create index upload_expires_idx on underpin.upload (expires_at) where stored_at is null;
create index upload_open_idx on underpin.upload (tenant_id, created_by) where stored_at is null;

grant update (swept_at, expires_at) on underpin.upload to {system};
create policy upload_sweep_update on underpin.upload for update to {system}
    using (stored_at is null) with check (stored_at is null);

-- Bytes of a tenant's stored files. Its row is the lock under which uploads of a tenant are counted.
create table underpin.upload_usage (
    tenant_id uuid primary key,
    bytes bigint not null constraint upload_usage_form check (bytes >= 0)
);
select underpin.tenant_table('underpin.upload_usage');

-- Living processes and where each keeps files: they must agree, and a directory has one host.
create table underpin.file_host (
    id uuid primary key,
    host text not null constraint file_host_host_form check (char_length(host) between 1 and 255),
    place text not null constraint file_host_place_form check (char_length(place) between 1 and 4000),
    is_local boolean not null,
    -- A process that did not say so for a while is dead.
    alive_until timestamptz not null
);
create index file_host_alive_idx on underpin.file_host (alive_until);
alter table underpin.file_host enable row level security;
alter table underpin.file_host force row level security;
grant select, insert, update, delete on underpin.file_host to {system};
create policy file_host_system on underpin.file_host for all to {system} using (true) with check (true);
