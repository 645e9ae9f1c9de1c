//! What a body may cost.

use std::time::Duration;

/// What one body may cost: bytes, silence, slowness.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most bytes, judged by the header before the body and by the count while it arrives.
    pub bytes_max: u64,
    /// Longest silence between two pieces of the body.
    pub idle_timeout: Duration,
    /// How slowly it may arrive.
    pub rate: RateFloor,
}

/// The slowest that a body may arrive, so that one byte a second does not hold a place for days.
#[derive(Debug, Clone, Copy)]
pub struct RateFloor {
    /// Nothing is judged before this.
    pub grace: Duration,
    /// Bytes per second, on average since the grace ended.
    pub bytes_per_second: u64,
}

impl Default for Limits {
    /// 256 MiB; 30 s of silence; 16 KiB/s after 30 s, so that no body takes longer than five hours.
    fn default() -> Self {
        Self {
            bytes_max: 256 << 20,
            idle_timeout: Duration::from_secs(30),
            rate: RateFloor { grace: Duration::from_secs(30), bytes_per_second: 16 << 10 },
        }
    }
}

impl RateFloor {
    /// Whether `bytes` in `elapsed` is too slow.
    pub(crate) fn is_missed(&self, bytes: u64, elapsed: Duration) -> bool {
        let judged = elapsed.saturating_sub(self.grace).as_millis();
        u128::from(bytes) * 1_000 < judged * u128::from(self.bytes_per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_slow_only_after_its_grace() {
        let floor = RateFloor { grace: Duration::from_secs(10), bytes_per_second: 1_000 };
        assert!(!floor.is_missed(0, Duration::from_secs(10)));
        assert!(floor.is_missed(0, Duration::from_millis(10_001)));
        assert!(!floor.is_missed(5_000, Duration::from_secs(15)));
        assert!(floor.is_missed(4_999, Duration::from_secs(15)));
    }
}
