//! How long a failed job waits.

use std::time::Duration;

/// Wait before the second attempt.
const FIRST: Duration = Duration::from_secs(1);
/// Longest wait.
const LAST: Duration = Duration::from_mins(15);

/// The wait after the `errors`-th error (from 1): 1 s, 2 s, 4 s … 15 min, ± a quarter so that jobs that failed together part ways.
///
/// `luck` lies in `0.0..1.0`.
pub(crate) fn backoff(errors: u32, luck: f64) -> Duration {
    let doublings = errors.saturating_sub(1).min(20);
    let wait = FIRST.saturating_mul(1 << doublings).min(LAST);
    wait.mul_f64(0.75 + luck.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound() {
        let middle = |errors| backoff(errors, 0.5);
        assert_eq!(middle(1), Duration::from_secs(1));
        assert_eq!(middle(2), Duration::from_secs(2));
        assert_eq!(middle(5), Duration::from_secs(16));
        for errors in [11, 20, u32::MAX] {
            assert_eq!(middle(errors), LAST, "{errors}");
        }
    }

    #[test]
    fn luck_moves_a_wait_by_a_quarter_at_most() {
        assert_eq!(backoff(3, 0.0), Duration::from_secs(3));
        assert_eq!(backoff(3, 1.0), Duration::from_secs(5));
    }
}
