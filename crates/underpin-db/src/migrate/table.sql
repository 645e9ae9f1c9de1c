create schema if not exists underpin;
create table if not exists underpin.migration (
    component text not null,
    version text not null,
    sha256 bytea not null,
    applied_at timestamptz not null default clock_timestamp(),
    primary key (component, version)
);
