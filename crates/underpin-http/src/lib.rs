#![doc = include_str!("../README.md")]

mod api;
mod client;
mod code;
mod cookie;
mod deployment;
mod events;
mod extract;
mod health;
mod identity;
mod jobs;
mod layers;
mod metrics;
mod openapi;
mod operator;
mod page;
mod probe;
mod problem;
mod routes;
mod server;
mod store;

use underpin_db::Statement;

pub use api::{Api, ApiSettings, DemoSignIn, Parts};
pub use client::Client;
pub use code::Code;
pub use events::{LastEventId, events_response};
pub use extract::{Admin, Auth, Json, PageParams, Path, Query, Staff, Tenant};
pub use layers::Unhurried;
pub use openapi::openapi;
pub use operator::operator_router;
pub use page::PageBody;
pub use problem::{FieldError, Problem};
pub use routes::{router, router_with_pages};
pub use server::{ServeOptions, serve};

/// The crate's statements, for the test that prepares every statement.
pub fn statements() -> Vec<&'static Statement> {
    store::ALL.to_vec()
}
