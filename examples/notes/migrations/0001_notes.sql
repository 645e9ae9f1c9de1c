create schema notes;
grant usage on schema notes to {app};
create table notes.note (
    tenant_id uuid not null,
    id uuid not null,
    text text not null constraint note_text_form check (char_length(text) between 1 and 500),
    words integer,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);
select underpin.tenant_table('notes.note');
