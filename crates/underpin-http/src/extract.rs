//! What handlers take: who asks, where, and what. Each refusal is a [`Problem`](crate::Problem).

mod auth;
mod if_match;
pub(crate) mod json;
mod page;
mod path;
mod query;
mod tenant;

pub use auth::Auth;
pub use if_match::IfMatch;
pub use json::Json;
pub use page::PageParams;
pub use path::Path;
pub use query::Query;
pub use tenant::{Admin, Area, Staff, Tenant};
