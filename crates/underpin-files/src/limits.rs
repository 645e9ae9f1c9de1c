//! What a body may cost, and what all of them together.

use std::time::Duration;

/// What one body may cost: bytes, silence, slowness.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most bytes, judged by the header before the body and by the count while it arrives; of a compressed body both what is
    /// sent and what it unfolds to.
    pub bytes_max: u64,
    /// Longest silence between two pieces of the body.
    pub idle_timeout: Duration,
    /// How slowly it may arrive.
    pub rate: RateFloor,
}

/// The slowest that a body may arrive, so that one byte a second does not hold a place for days.
///
/// Only time in which the sender is waited for counts: a slow storage is not the sender's fault, and bytes that came early
/// buy no time later.
#[derive(Debug, Clone, Copy)]
pub struct RateFloor {
    /// How long a stretch is judged as a whole.
    pub window: Duration,
    /// Bytes per second within each window.
    pub bytes_per_second: u64,
}

impl Default for Limits {
    /// 256 MiB; 30 s of silence; 16 KiB/s in every 30 s, so that no body takes longer than five hours.
    fn default() -> Self {
        Self {
            bytes_max: 256 << 20,
            idle_timeout: Duration::from_secs(30),
            rate: RateFloor { window: Duration::from_secs(30), bytes_per_second: 16 << 10 },
        }
    }
}

/// How much uploads may take of a process, of a tenant and of a person.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes of bodies that this process holds at the same time: one part for each upload that is under way.
    pub memory_bytes_max: u64,
    /// Longest wait for a part of that memory; nothing of the body is read meanwhile.
    pub wait: Duration,
    /// Uploads that may wait so at the same time.
    pub waiting_max: usize,
    /// Bodies of one person that arrive at the same time, over all processes.
    pub per_user_max: u32,
    /// Bodies of one tenant that arrive at the same time, over all processes.
    pub per_tenant_max: u32,
    /// URLs of one person that are given out and not completed.
    pub urls_per_user_max: u32,
    /// URLs of one tenant that are given out and not completed.
    pub urls_per_tenant_max: u32,
    /// Bytes that a tenant may have stored.
    pub tenant_bytes_max: u64,
    /// How long a URL to send a file to is good.
    pub url_lasts: Duration,
}

impl Default for Bounds {
    /// 64 MiB of memory; 10 s for up to 128 that wait; 4 bodies a person, 16 a tenant; 20 and 100 URLs of 15 min; 100 GiB.
    fn default() -> Self {
        Self {
            memory_bytes_max: 64 << 20,
            wait: Duration::from_secs(10),
            waiting_max: 128,
            per_user_max: 4,
            per_tenant_max: 16,
            urls_per_user_max: 20,
            urls_per_tenant_max: 100,
            tenant_bytes_max: 100 << 30,
            url_lasts: Duration::from_mins(15),
        }
    }
}

/// Judges the speed of one body.
#[derive(Debug)]
pub(crate) struct Pace {
    floor: RateFloor,
    waited: Duration,
    bytes: u64,
}

impl Pace {
    pub(crate) const fn new(floor: RateFloor) -> Self {
        Self { floor, waited: Duration::ZERO, bytes: 0 }
    }

    /// What is left of the present window.
    pub(crate) const fn left(&self) -> Duration {
        self.floor.window.saturating_sub(self.waited)
    }

    /// Note that `bytes` came after such a wait; whether a window ended with too little.
    pub(crate) fn is_missed(&mut self, waited: Duration, bytes: u64) -> bool {
        self.waited += waited;
        self.bytes += bytes;
        if self.waited < self.floor.window {
            return false;
        }
        let least = u128::from(self.floor.bytes_per_second) * self.waited.as_millis();
        let missed = u128::from(self.bytes) * 1_000 < least;
        (self.waited, self.bytes) = (Duration::ZERO, 0);
        missed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_judged_window_by_window() {
        let floor = RateFloor { window: Duration::from_secs(10), bytes_per_second: 1_000 };
        let mut pace = Pace::new(floor);
        assert!(!pace.is_missed(Duration::from_millis(9_999), 0));
        assert_eq!(pace.left(), Duration::from_millis(1));
        assert!(!pace.is_missed(Duration::from_millis(1), 10_000));
        assert!(pace.is_missed(Duration::from_secs(10), 9_999));
        // What came early buys no time later.
        assert!(!pace.is_missed(Duration::from_secs(10), 1 << 30));
        assert!(pace.is_missed(Duration::from_secs(10), 0));
    }
}
