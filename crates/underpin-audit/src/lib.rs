#![doc = include_str!("../README.md")]

mod capacity;
mod catalogue;
mod check;
mod checks;
mod client;
mod debt;
mod deployment;
mod engine;
mod error;
mod further;
mod live;
mod logs;
mod lone;
mod openapi;
mod page;
mod process;
mod proof;
mod scorecard;
mod selection;
mod stage;
mod store;
mod wait;
mod waiver;

use underpin_db::Statement;

pub use reqwest::Method;

pub use capacity::{Demand, observe};
pub use catalogue::{Answered, BadCatalogue, Catalogue, Finding, Items, OfSeverity, Standing};
pub use check::{Check, Outcome, Running, Severity, Stopped};
pub use checks::checks;
pub use client::{Answer, Ask, Person};
pub use deployment::{Database, Deployment, Instance, Target, Worker};
pub use engine::{Audit, Ended};
pub use error::{Error, Result};
pub use further::Further;
pub use live::{Heard, Socket};
pub use openapi::{Operation, operations};
pub use page::About;
pub use process::{Frozen, Process};
pub use proof::{FILE_NAME, Proof, Proven, sha256_of};
pub use scorecard::{Line, Score, Scorecard, Verdict};
pub use selection::{Selection, Unknown};
pub use stage::{Book, Import, Stage, Tenant, Tenants, Things, follow, upload};
pub use wait::until;
pub use waiver::{BadWaiver, Waiver, Waivers};

/// The statements of the checks, for the test that prepares every statement.
pub fn statements() -> Vec<&'static Statement> {
    store::ALL.to_vec()
}
