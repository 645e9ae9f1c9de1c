//! Pure decisions: what the same name is, what a multiple is, what may be entered, how long what was deleted is kept.

pub(crate) mod dates;
pub(crate) mod entry;
pub(crate) mod keeping;
pub(crate) mod multiples;
pub(crate) mod names;
