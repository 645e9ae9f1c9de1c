#![doc = include_str!("../README.md")]

mod error;
mod kernel;
mod module;
mod parts;
mod platform;
pub mod prelude;

pub use underpin_audit as audit;
pub use underpin_base as base;
pub use underpin_db as db;
pub use underpin_files as files;
pub use underpin_http as http;
pub use underpin_identity as identity;
pub use underpin_jobs as jobs;
pub use underpin_log as log;
pub use underpin_mail as mail;
pub use underpin_runtime as runtime;

pub use error::Error;
pub use module::{Module, Seeding};
pub use parts::Parts;
pub use platform::Platform;
pub use underpin_http::Room;

/// The endpoints of a module: paths in full, `/v1/t/{tenant}/…`, with their OpenAPI operations.
pub type Routes = utoipa_axum::router::OpenApiRouter<underpin_http::Api>;
