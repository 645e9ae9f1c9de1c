//! The engine, the scorecard and proofs, without a deployment.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod catalogue;
mod engine;
mod findings;
mod page;
mod proof;
mod scorecard;
mod selection;
mod stage;
mod waiver;
