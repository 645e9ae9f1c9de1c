//! Pure decisions: what the same name is, what a multiple is.

pub(crate) mod multiples;
pub(crate) mod names;
