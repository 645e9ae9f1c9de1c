-- A file that somebody sent: the row comes first, then the bytes, then `stored_at` in the commit that makes use of them.
create table underpin.upload (
    tenant_id uuid not null,
    id uuid not null,
    -- Where the bytes lie; made by us from tenant and id, never from the sender's file name.
    object_key text not null constraint upload_object_key unique,
    -- As the sender called it: shown, never used as a path.
    filename text not null constraint upload_filename_form check (char_length(filename) between 1 and 255),
    media_type text constraint upload_media_type_form check (char_length(media_type) <= 127),
    bytes bigint constraint upload_bytes_form check (bytes >= 0),
    sha256 bytea constraint upload_sha256_form check (octet_length(sha256) = 32),
    created_by uuid not null,
    created_at timestamptz not null,
    -- Null while the bytes arrive; set in the transaction that uses the file.
    stored_at timestamptz,
    primary key (tenant_id, id),
    constraint upload_stored_whole check (stored_at is null or (bytes is not null and sha256 is not null))
);
create index upload_receiving_idx on underpin.upload (created_at) where stored_at is null;

alter table underpin.upload enable row level security;
alter table underpin.upload force row level security;
grant select, insert, update, delete on underpin.upload to {app};
grant select, delete on underpin.upload to {system};

create policy upload_staff on underpin.upload for all to {app}
    using (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()))
    with check (tenant_id = (select underpin.tenant()) and (select underpin.is_staff()));

-- The sweep finds what was begun and never used, in every tenant.
create policy upload_sweep on underpin.upload for select to {system} using (true);
create policy upload_sweep_delete on underpin.upload for delete to {system} using (stored_at is null);
