//! What kind of failure it was, as the outside needs to know it.

/// The kind of an error; each crate's `Error::kind` gives one, and only `underpin-http` turns it into a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The input breaks a rule that the caller can mend.
    Invalid,
    /// Nobody is signed in.
    Unauthenticated,
    /// The role may not do this.
    Forbidden,
    /// There is no such thing for this principal.
    NotFound,
    /// The present state does not allow it.
    Conflict,
    /// A limit was reached.
    Limited,
    /// A part that is needed is away; trying later may work.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl ErrorKind {
    /// Whether trying the same thing later, unchanged, may succeed.
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Limited | Self::Unavailable)
    }
}
