//! Pure decisions: what the same name is, what a multiple is, what may be entered.

pub(crate) mod dates;
pub(crate) mod entry;
pub(crate) mod multiples;
pub(crate) mod names;
