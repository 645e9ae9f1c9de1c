#![doc = include_str!("../README.md")]

mod clock;
mod decimal;
mod error;
mod histogram;
mod ids;
mod money;
mod operation;
mod page;
mod principal;
mod secret;
mod trace;

pub use clock::{Clock, SystemClock};
pub use decimal::{AmountError, Scaled};
pub use error::ErrorKind;
pub use histogram::Histogram;
#[doc(hidden)]
pub use ids::macros;
pub use ids::{BadId, RequestId, TenantId, UserId};
pub use money::{BadCurrency, Currency, Money};
pub use operation::{Fact, FactValue, Operation, OperationKind, Step, System};
pub use page::{BadCursor, Cursor, LIMIT_DEFAULT, LIMIT_MAX, Page, PageQuery};
pub use principal::{BadRole, Principal, Role};
pub use secret::Secret;
pub use trace::Trace;
