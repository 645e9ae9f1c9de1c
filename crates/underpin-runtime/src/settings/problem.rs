use std::fmt;

/// One reason why settings were refused: what, where, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong; never shows a value that may be secret.
    pub what: String,
    /// Where it was given.
    pub place: String,
    /// What to do.
    pub mend: String,
}

impl Problem {
    pub(super) fn new(
        what: impl Into<String>,
        place: impl fmt::Display,
        mend: impl Into<String>,
    ) -> Self {
        Self { what: what.into(), place: place.to_string(), mend: mend.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.what, self.place, self.mend)
    }
}
