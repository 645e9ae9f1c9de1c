//! What a job is to its author.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use crate::{Fault, Run};

/// A small serialisable struct with a literal name and a handler.
///
/// Keeps: its handler runs at least once, on one worker at a time as far as anybody's clock goes; what it commits through
/// [`Run::step`] and [`Run::finish`] counts exactly once. Effects outside the database need a key of their own ([`Run::id`]) or the
/// fencing number ([`Run::claim_seq`]).
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name in the tables; a literal that never derives from a type's name.
    const KIND: &'static str;
    /// The queue it is counted in.
    const QUEUE: &'static str = "default";
    /// Errors after which it is a dead letter.
    const ATTEMPTS_MAX: u32 = 20;
    /// Longest run of one attempt; past it the attempt is cut off and counts as an error.
    const TIMEOUT: Duration = Duration::from_mins(5);
    /// What the handler needs: stores, settings.
    type Context: Clone + Send + Sync + 'static;

    /// Do it.
    fn run(
        self,
        context: Self::Context,
        run: Run,
    ) -> impl Future<Output = Result<(), Fault>> + Send;
}
