//! The module's SQL.

underpin::prelude::statements! {
    /// Notes before a note, newest first.
    pub(crate) LIST: "notes.list" (UUID, UUID, INT8) -> (UUID, TEXT, INT4, TIMESTAMPTZ)
        = "select id, text, words, created_at from notes.note where tenant_id = $1 and id < $2 order by id desc limit $3";
    /// A new note.
    pub(crate) INSERT: "notes.insert" (UUID, UUID, TEXT, TIMESTAMPTZ) -> (UUID, TEXT, INT4, TIMESTAMPTZ)
        = "insert into notes.note (tenant_id, id, text, created_at) values ($1, $2, $3, $4) returning id, text, words, created_at";
    /// Count a note's words.
    pub(crate) COUNT: "notes.count" (UUID, UUID) -> ()
        = "update notes.note set words = array_length(regexp_split_to_array(trim(text), '\\s+'), 1) where tenant_id = $1 and id = $2";
}
