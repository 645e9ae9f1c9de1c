//! How much a client may say.

use std::time::Duration;

use tokio::time::Instant;

/// Messages at once: a page that comes back joins all of its rooms.
const BURST: u32 = 128;
/// One more after so long.
const EVERY: Duration = Duration::from_millis(100);

/// What a client may still say; grows with time.
#[derive(Debug)]
pub(super) struct Allowance {
    left: u32,
    since: Instant,
}

impl Allowance {
    pub(super) const fn new(now: Instant) -> Self {
        Self { left: BURST, since: now }
    }

    /// Take one; false if there is none left.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.since);
        let earned = (since.as_millis() / EVERY.as_millis()) as u32;
        if earned > 0 {
            self.left = self.left.saturating_add(earned).min(BURST);
            self.since += earned * EVERY;
        }
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_fine_a_flood_is_not_and_time_gives_more() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        let mut taken =
            |after: Duration| (0..2 * BURST).filter(|_| allowance.take(start + after)).count();
        assert_eq!(taken(Duration::ZERO), BURST as usize);
        assert_eq!(taken(EVERY / 2), 0);
        assert_eq!(taken(3 * EVERY), 3);
        assert_eq!(taken(Duration::from_hours(1)), BURST as usize);
    }
}
