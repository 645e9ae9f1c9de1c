//! Shapes that a dashboard and a portfolio have in common.

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::wire::{Named, Positions};
use crate::{Group, Overview, Share, State};

/// The sums at a date.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PositionsAt)]
pub(super) struct StateBody {
    #[schema(value_type = String, format = Date)]
    as_of: Date,
    positions: Positions,
}

/// What one investor has.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InvestorShare {
    investor: Named,
    /// Those with a report by the date.
    allocations: i64,
    positions: Positions,
}

/// What all other investors have together.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OtherInvestors {
    investors: i64,
    allocations: i64,
    positions: Positions,
}

/// Shapes in one currency.
#[derive(Clone, Copy)]
pub(super) struct In<'a>(pub(super) &'a str);

impl In<'_> {
    pub(super) fn state(self, state: &State) -> StateBody {
        StateBody { as_of: state.as_of, positions: Positions::new(&state.sums, self.0) }
    }

    pub(super) fn history(self, overview: &Overview) -> Vec<StateBody> {
        overview.history.iter().map(|state| self.state(state)).collect()
    }

    pub(super) fn largest(self, overview: &mut Overview) -> Vec<InvestorShare> {
        let share = |share: Share| InvestorShare {
            investor: Named { id: share.investor.to_string(), name: share.name },
            allocations: share.allocations,
            positions: Positions::new(&share.sums, self.0),
        };
        std::mem::take(&mut overview.largest).into_iter().map(share).collect()
    }

    pub(super) fn others(self, others: &Group) -> OtherInvestors {
        OtherInvestors {
            investors: others.investors,
            allocations: others.allocations,
            positions: Positions::new(&others.sums, self.0),
        }
    }
}
