use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Upper bounds of the steps, in milliseconds; one more step has none.
const BOUNDS_MS: [u64; 8] = [1, 5, 10, 50, 100, 250, 500, 1_000];

/// How long something took each time: counts by step, and their sum.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    counts: [AtomicU64; BOUNDS_MS.len() + 1],
    micros: AtomicU64,
}

/// How long something took so far, each time and in all.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    /// Upper bound in seconds, and how many times were no longer.
    pub steps: Vec<(f64, u64)>,
    /// How many there were.
    pub count: u64,
    /// How long they were together, in seconds.
    pub sum: f64,
}

impl Histogram {
    pub(super) fn note(&self, took: Duration) {
        let longer = |bound: &&u64| took > Duration::from_millis(**bound);
        let step = BOUNDS_MS.iter().take_while(longer).count();
        self.counts[step].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(took.as_micros() as u64, Ordering::Relaxed);
    }

    pub(super) fn figures(&self) -> Times {
        let mut count = 0;
        let mut so_far = |step: &AtomicU64| {
            count += step.load(Ordering::Relaxed);
            count
        };
        let bounds = BOUNDS_MS.iter().map(|ms| *ms as f64 / 1_000.0);
        let steps = bounds.zip(&self.counts).map(|(bound, n)| (bound, so_far(n))).collect();
        so_far(&self.counts[BOUNDS_MS.len()]);
        let sum = self.micros.load(Ordering::Relaxed) as f64 / 1_000_000.0;
        Times { steps, count, sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_counts_in_its_step_and_in_every_longer_one() {
        let histogram = Histogram::default();
        for ms in [0, 1, 7, 400, 5_000] {
            histogram.note(Duration::from_millis(ms));
        }
        let Times { steps, count, sum } = histogram.figures();
        let counts: Vec<_> = steps.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [2, 2, 3, 3, 3, 3, 4, 4]);
        assert_eq!((count, sum), (5, 5.408));
        assert_eq!((steps[0].0, steps[7].0), (0.001, 1.0));
    }
}
