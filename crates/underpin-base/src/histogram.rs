//! How long things took, counted in a fixed number of places.

use std::time::Duration;

/// Upper ends of the places; what took longer than the last is counted behind it.
const ENDS: [Duration; 14] = [
    Duration::from_micros(500),
    Duration::from_millis(1),
    Duration::from_micros(2_500),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2_500),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// Durations by size: fifteen numbers, however many are counted.
///
/// ```
/// use std::time::Duration;
/// use underpin_base::Histogram;
/// let mut took = Histogram::default();
/// for ms in 1..=100 {
///     took.record(Duration::from_millis(ms));
/// }
/// assert_eq!((took.count(), took.sum()), (100, Duration::from_millis(5_050)));
/// assert_eq!(took.quantile(0.5), Duration::from_millis(50));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Histogram {
    places: [u64; ENDS.len() + 1],
    sum: Duration,
}

impl Histogram {
    /// Count one.
    pub fn record(&mut self, took: Duration) {
        self.places[ENDS.partition_point(|end| *end < took)] += 1;
        self.sum = self.sum.saturating_add(took);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.places.iter().sum()
    }

    /// How long all of them took together.
    pub const fn sum(&self) -> Duration {
        self.sum
    }

    /// For each place its upper end, none for the last, and how many took no longer.
    pub fn up_to(&self) -> impl Iterator<Item = (Option<Duration>, u64)> {
        let ends = ENDS.into_iter().map(Some).chain([None]);
        ends.zip(self.places).scan(0, |sum, (end, count)| {
            *sum += count;
            Some((end, *sum))
        })
    }

    /// How long a share of them took at most, as near as the places tell: 0.95 for the 95th percentile. What lies behind the last place
    /// counts as its beginning; of nothing it is zero.
    pub fn quantile(&self, share: f64) -> Duration {
        let wanted = self.count() as f64 * share.clamp(0.0, 1.0);
        let (mut before, mut begin) = (0.0, Duration::ZERO);
        for (count, end) in self.places.iter().zip(ENDS) {
            let count = *count as f64;
            if count > 0.0 && before + count >= wanted {
                return begin
                    + end.saturating_sub(begin).mul_f64(((wanted - before) / count).max(0.0));
            }
            (before, begin) = (before + count, end);
        }
        if self.count() == 0 { Duration::ZERO } else { begin }
    }

    /// Count all that another has counted.
    pub fn add(&mut self, other: &Self) {
        for (place, count) in self.places.iter_mut().zip(other.places) {
            *place += count;
        }
        self.sum = self.sum.saturating_add(other.sum);
    }

    /// What was counted since an earlier state of the same.
    #[must_use]
    pub fn since(mut self, earlier: &Self) -> Self {
        for (place, count) in self.places.iter_mut().zip(earlier.places) {
            *place = place.saturating_sub(count);
        }
        self.sum = self.sum.saturating_sub(earlier.sum);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(took_ms: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        for ms in took_ms {
            histogram.record(Duration::from_millis(*ms));
        }
        histogram
    }

    #[test]
    fn what_took_as_long_as_a_place_ends_lies_in_it() {
        let at = |ms| {
            let places: Vec<_> = of(&[ms]).up_to().collect();
            places.iter().position(|(_, count)| *count == 1)
        };
        assert_eq!(
            (at(0), at(1), at(2), at(1_000), at(1_001)),
            (Some(0), Some(1), Some(2), Some(10), Some(11))
        );
        assert_eq!(at(60_000), Some(ENDS.len()));
        assert_eq!(of(&[60_000]).up_to().last(), Some((None, 1)));
    }

    #[test]
    fn a_percentile_lies_within_its_place() {
        let histogram = of(&[3, 3, 3, 3, 3, 3, 3, 3, 3, 700]);
        let ms = |share| histogram.quantile(share).as_secs_f64() * 1_000.0;
        assert!(ms(0.5) > 2.5 && ms(0.5) <= 5.0, "{}", ms(0.5));
        assert!(ms(0.99) > 500.0 && ms(0.99) <= 1_000.0, "{}", ms(0.99));
        assert_eq!(of(&[90_000]).quantile(0.5), Duration::from_secs(10));
        assert_eq!(Histogram::default().quantile(0.99), Duration::ZERO);
    }

    #[test]
    fn what_came_since_is_the_difference_and_the_sum_is_all() {
        let (before, mut after) = (of(&[1, 20]), of(&[1, 20]));
        after.add(&of(&[300]));
        assert_eq!(after.since(&before), of(&[300]));
        assert_eq!(after, of(&[1, 20, 300]));
    }
}
