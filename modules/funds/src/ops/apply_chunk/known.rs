//! What an import remembers about names, so that most chunks need no look-up.

use std::collections::HashMap;

use crate::{
    model::{AllocationId, InvestorId},
    store::{allocations::Pair, funds::KnownFund},
};

/// Most names of each kind that are remembered.
const NAMES_MAX: usize = 10_000;
/// Most pairs of fund and investor that are remembered.
const PAIRS_MAX: usize = 100_000;

/// Names whose ids are known because a transaction that entered or read them has committed.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// How much of the book had been deleted before any of this was learned.
    pub(crate) deletions: i64,
    pub(super) investors: HashMap<String, InvestorId>,
    pub(super) funds: HashMap<String, KnownFund>,
    pub(super) allocations: HashMap<Pair, AllocationId>,
}

impl Known {
    /// Nothing yet, after so many deletions.
    pub(crate) fn after(deletions: i64) -> Self {
        Self { deletions, ..Self::default() }
    }

    /// Add what a committed transaction learned. A map that is full is forgotten: what is needed is looked up again.
    ///
    /// What was learned is as old as what was known: a transaction that finds more deleted does not commit.
    pub(crate) fn absorb(&mut self, learned: Self) {
        absorb(&mut self.investors, learned.investors, NAMES_MAX);
        absorb(&mut self.funds, learned.funds, NAMES_MAX);
        absorb(&mut self.allocations, learned.allocations, PAIRS_MAX);
    }
}

fn absorb<K: Eq + std::hash::Hash, V>(
    known: &mut HashMap<K, V>,
    learned: HashMap<K, V>,
    max: usize,
) {
    if known.len() + learned.len() > max {
        known.clear();
    }
    known.extend(learned);
}

/// What is known inside a transaction: before it, and by it.
pub(super) struct View<'a> {
    known: &'a Known,
    pub(super) learned: Known,
    /// Keys of funds whose empty attributes this chunk fills.
    pub(super) filled: Vec<String>,
}

impl<'a> View<'a> {
    pub(super) fn new(known: &'a Known) -> Self {
        Self { known, learned: Known::default(), filled: Vec::new() }
    }

    pub(super) fn investor(&self, key: &str) -> Option<InvestorId> {
        self.learned.investors.get(key).or_else(|| self.known.investors.get(key)).copied()
    }

    pub(super) fn fund(&self, key: &str) -> Option<&KnownFund> {
        self.learned.funds.get(key).or_else(|| self.known.funds.get(key))
    }

    pub(super) fn allocation(&self, pair: Pair) -> Option<AllocationId> {
        self.learned.allocations.get(&pair).or_else(|| self.known.allocations.get(&pair)).copied()
    }

    pub(super) fn into_learned(self) -> Known {
        self.learned
    }
}
