#![doc = include_str!("../README.md")]

mod breaker;
mod error;
mod failures;
mod health;
mod lifecycle;
mod seal;
pub mod settings;
pub mod telemetry;
mod traces;

pub use breaker::{Breaker, BreakerSettings, Bulkhead, Call, Full, Place, Resting};
pub use error::{Error, Result};
pub use failures::{Failure, FailureGroup, FailureGroups, shape};
pub use health::Health;
pub use lifecycle::{Ending, Tasks};
pub use seal::Seal;
pub use settings::{Environment, LogFormat, Settings};
pub use telemetry::{Logs, Telemetry};
pub use tokio_util::sync::CancellationToken;
pub use traces::{Exporter, Service, Tracer};
