//! Business time is passed in, so that a test can choose it.

use jiff::Timestamp;

/// Tells the instant at which a business act happens.
///
/// Leases never use it: they are judged by the database's clock (architecture §4).
pub trait Clock: Send + Sync + 'static {
    /// The present instant, to the microsecond (the resolution of `timestamptz`).
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}
