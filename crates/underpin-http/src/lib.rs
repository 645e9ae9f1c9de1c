#![doc = include_str!("../README.md")]

mod answer;
mod api;
mod client;
mod code;
mod cookie;
mod deployment;
mod entry;
mod events;
mod extract;
mod health;
mod identity;
mod jobs;
mod layers;
mod live;
mod mailbox;
mod memory;
mod metrics;
mod once;
mod openapi;
mod operator;
mod page;
mod probe;
mod probe_routes;
mod problem;
mod routes;
mod server;
mod store;
mod summary;
mod traced;
mod uploads;

use underpin_db::{Component, Statement, migrations};

pub use answer::{Answer, Answered};
pub use api::{Api, ApiSettings, ApiState, DemoSignIn, Parts, Repeats};
pub use client::Client;
pub use code::Code;
pub use entry::{FieldEntry, FieldKind, PageEntry};
pub use events::{LastEventId, events_response};
pub use extract::{Admin, Area, Auth, IfMatch, Json, PageParams, Path, Query, Staff, Tenant};
pub use layers::Unhurried;
pub use live::rooms::{Room, Rooms};
pub use memory::{Held, Memory};
pub use once::{Idempotent, Keyed, sweep_answers};
pub use openapi::openapi;
pub use operator::operator_router;
pub use page::{Listed, PageBody, newest_first};
pub use probe_routes::{ProbeJob, register_probe_job};
pub use problem::{FieldError, Problem};
pub use routes::{in_area, reports, router, router_with_pages};
pub use server::{ServeOptions, serve};
pub use summary::run_summary;
pub use uploads::VerifyUpload;

/// The table `underpin.stored_answer`.
pub const COMPONENT: Component =
    Component { name: "http", migrations: migrations!["0001_stored_answer", "0002_purge"] };

/// The crate's statements, for the test that prepares every statement.
pub fn statements() -> Vec<&'static Statement> {
    store::ALL.to_vec()
}
