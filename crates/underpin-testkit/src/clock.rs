//! Business time that a test chooses.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use underpin_base::Clock;

/// A clock that stands still until a test moves it. Clones share the time.
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<Mutex<Timestamp>>);

impl Default for FakeClock {
    /// 2026-01-15 12:00 UTC.
    fn default() -> Self {
        let noon = Timestamp::from_second(1_768_478_400).expect("in range");
        Self(Arc::new(Mutex::new(noon)))
    }
}

impl FakeClock {
    /// Move the time forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
