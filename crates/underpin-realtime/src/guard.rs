//! The question whether open connections may go on.

use std::{error::Error as StdError, pin::Pin};

use underpin_base::Principal;
use uuid::Uuid;

/// For whom a connection was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Holder {
    /// The session that it was opened with.
    pub session: Uuid,
    /// The member, in the role that they had.
    pub principal: Principal,
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The session is over.
    SignedOut,
    /// The person is no member any more, or in another role.
    Changed,
    /// This process is about to end.
    Drained,
}

/// The answer of a guard: for each holder why its connections end, or none if they go on.
pub type Asked<'a> = Pin<
    Box<
        dyn Future<Output = Result<Vec<Option<Ended>>, Box<dyn StdError + Send + Sync>>>
            + Send
            + 'a,
    >,
>;

/// Whoever knows sessions and memberships.
pub trait Guard: Send + Sync + 'static {
    /// Ask for all holders at once, in their order.
    fn ask<'a>(&'a self, holders: &'a [Holder]) -> Asked<'a>;
}
