//! When the relay is away, mails wait without a try each: a try would hold a worker's place for its whole timeout.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Troubles in a row after which nobody tries for a while.
const TROUBLES_MAX: u32 = 5;
/// That while.
const REST: Duration = Duration::from_secs(30);

/// Counts troubles with the relay, not with single mails.
#[derive(Debug, Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    troubles: u32,
    resting_until: Option<Instant>,
}

impl Breaker {
    /// Whether to try now; otherwise how long to wait. After a rest one tries for all.
    pub(crate) fn admit(&self) -> Result<(), Duration> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match state.resting_until {
            Some(until) if until > now => Err(until - now),
            Some(_) => {
                state.resting_until = Some(now + REST);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The relay answered, whatever it said.
    pub(crate) fn answered(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// The relay did not answer.
    pub(crate) fn failed(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.troubles = state.troubles.saturating_add(1);
        if state.troubles >= TROUBLES_MAX {
            state.resting_until = Some(Instant::now() + REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_five_troubles_nobody_tries_until_one_did_well() {
        let breaker = Breaker::default();
        for _ in 0..4 {
            breaker.failed();
        }
        assert!(breaker.admit().is_ok());
        breaker.failed();
        assert_eq!(breaker.admit(), Err(REST));
        tokio::time::advance(REST).await;
        assert!(breaker.admit().is_ok(), "one tries for all");
        assert!(breaker.admit().is_err());
        breaker.answered();
        assert!(breaker.admit().is_ok() && breaker.admit().is_ok());
    }
}
