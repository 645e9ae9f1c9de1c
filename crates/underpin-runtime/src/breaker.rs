//! Between this process and what may be away: a breaker that stops asking, and a bulkhead that bounds how many ask at once.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

/// Parts of the window that are forgotten one by one.
const PARTS: usize = 10;
/// A rest is shorter or longer by up to a fifth, so that processes do not come back together.
const JITTER: f64 = 0.2;

/// When a breaker opens, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct BreakerSettings {
    /// How far back calls count.
    pub window: Duration,
    /// Fewer calls than this say nothing.
    pub calls_min: u32,
    /// The share of calls that may fail, from 0 to 1.
    pub failures_max: f64,
    /// A call that takes longer counts as slow.
    pub slow: Duration,
    /// The share of calls that may be slow.
    pub slow_max: f64,
    /// The first rest; each that follows without a success is twice as long.
    pub rest_min: Duration,
    /// The longest.
    pub rest_max: Duration,
    /// Successes, one after the other, that close it again.
    pub probes: u32,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(10),
            calls_min: 10,
            failures_max: 0.5,
            slow: Duration::from_secs(5),
            slow_max: 0.8,
            rest_min: Duration::from_secs(1),
            rest_max: Duration::from_secs(30),
            probes: 3,
        }
    }
}

/// Stops asking what does not answer, so that nobody waits for it and it can come back. Cheap to clone; of one process, by design: what others
/// see of the same thing says little about this one's way to it.
#[derive(Debug, Clone)]
pub struct Breaker(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: BreakerSettings,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Rests since the last success.
    rests: u32,
    /// Raised with each change of the phase: a call that began before it says nothing about what came after.
    generation: u64,
    parts: [Part; PARTS],
    /// The part of the window that is now, counted from `began`.
    now: u64,
    began: Instant,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    Closed,
    Open {
        until: Instant,
    },
    /// One asks for all.
    Probing {
        asking: bool,
        left: u32,
    },
}

#[derive(Debug, Clone, Copy, Default)]
struct Part {
    calls: u32,
    failures: u32,
    slow: u32,
}

/// Nobody asks now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("resting for {} ms more", .0.as_millis())]
pub struct Resting(
    /// How long to wait before asking again.
    pub Duration,
);

/// A call that was let through. Dropped without a word it counts as neither, and gives back the place of a probe.
#[must_use]
pub struct Call {
    breaker: Breaker,
    generation: u64,
    began: Instant,
    probe: bool,
    told: bool,
}

impl Breaker {
    /// A breaker that is closed.
    pub fn new(settings: BreakerSettings) -> Self {
        let state = State {
            phase: Phase::Closed,
            rests: 0,
            generation: 0,
            parts: [Part::default(); PARTS],
            now: 0,
            began: Instant::now(),
        };
        Self(Arc::new(Inner { settings, state: Mutex::new(state) }))
    }

    /// Let a call through, or say how long nobody asks.
    pub fn admit(&self) -> Result<Call, Resting> {
        let (mut state, now) = (self.state(), Instant::now());
        if let Phase::Open { until } = state.phase {
            if until > now {
                return Err(Resting(until - now));
            }
            state.enter(Phase::Probing { asking: false, left: self.0.settings.probes.max(1) });
        }
        let probe = match &mut state.phase {
            Phase::Probing { asking: true, .. } => return Err(Resting(self.0.settings.rest_min)),
            Phase::Probing { asking, .. } => {
                *asking = true;
                true
            }
            _ => false,
        };
        let generation = state.generation;
        Ok(Call { breaker: self.clone(), generation, began: now, probe, told: false })
    }

    /// Whether it lets every call through.
    pub fn is_closed(&self) -> bool {
        matches!(self.state().phase, Phase::Closed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, call: &Call, failed: bool) {
        let (settings, mut state) = (&self.0.settings, self.state());
        if state.generation != call.generation {
            return;
        }
        let slow = call.began.elapsed() > settings.slow;
        match state.phase {
            Phase::Open { .. } => {}
            Phase::Probing { .. } if failed || slow => state.open(settings),
            Phase::Probing { left: 1, .. } => {
                state.rests = 0;
                state.parts = [Part::default(); PARTS];
                state.enter(Phase::Closed);
            }
            Phase::Probing { left, .. } => {
                state.phase = Phase::Probing { asking: false, left: left - 1 };
            }
            Phase::Closed => {
                state.count(settings.window, failed, slow);
                if state.is_too_much(settings) {
                    state.open(settings);
                }
            }
        }
    }
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.generation += 1;
    }

    fn open(&mut self, settings: &BreakerSettings) {
        let doubled = settings.rest_min.saturating_mul(1 << self.rests.min(16));
        let off = 1.0 + JITTER * (2.0 * rand::random::<f64>() - 1.0);
        let rest = doubled.min(settings.rest_max).mul_f64(off).min(settings.rest_max);
        self.rests += 1;
        self.enter(Phase::Open { until: Instant::now() + rest });
    }

    fn count(&mut self, window: Duration, failed: bool, slow: bool) {
        let part = (window / PARTS as u32).max(Duration::from_millis(1));
        let now = (self.began.elapsed().as_nanos() / part.as_nanos()) as u64;
        // What has become too old is forgotten, all of it after a long pause.
        for passed in self.now + 1..=now.min(self.now + PARTS as u64) {
            self.parts[passed as usize % PARTS] = Part::default();
        }
        if now > self.now + PARTS as u64 {
            self.parts = [Part::default(); PARTS];
        }
        self.now = now;
        let part = &mut self.parts[now as usize % PARTS];
        part.calls += 1;
        part.failures += u32::from(failed);
        part.slow += u32::from(slow);
    }

    fn is_too_much(&self, settings: &BreakerSettings) -> bool {
        let sum = |of: fn(&Part) -> u32| self.parts.iter().map(of).sum::<u32>();
        let calls = sum(|part| part.calls);
        let share = |count: u32| f64::from(count) / f64::from(calls);
        calls >= settings.calls_min.max(1)
            && (share(sum(|part| part.failures)) >= settings.failures_max
                || share(sum(|part| part.slow)) >= settings.slow_max)
    }
}

impl Call {
    /// It was answered, whatever the answer.
    pub fn answered(mut self) {
        self.told = true;
        self.breaker.note(&self, false);
    }

    /// It was not.
    pub fn failed(mut self) {
        self.told = true;
        self.breaker.note(&self, true);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if self.told || !self.probe {
            return;
        }
        let mut state = self.breaker.state();
        if state.generation == self.generation
            && let Phase::Probing { asking, .. } = &mut state.phase
        {
            *asking = false;
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("probe", &self.probe).finish_non_exhaustive()
    }
}

/// Bounds how many ask at the same time, and how many wait for that; so one thing that is slow cannot take every worker. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bulkhead {
    places: Arc<Semaphore>,
    /// Those inside and those before the door.
    all: Arc<Semaphore>,
    wait_max: Duration,
}

/// A place inside; dropping it makes room.
#[derive(Debug)]
#[must_use]
pub struct Place {
    _place: OwnedSemaphorePermit,
    _one_of_all: OwnedSemaphorePermit,
}

/// There is no place, and none came free in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many ask at the same time")]
pub struct Full;

impl Bulkhead {
    /// So many inside, so many who wait, each so long at most.
    pub fn new(inside: usize, waiting: usize, wait_max: Duration) -> Self {
        let places = Arc::new(Semaphore::new(inside));
        Self { places, all: Arc::new(Semaphore::new(inside + waiting)), wait_max }
    }

    /// A place, as soon as there is one, in the order of asking.
    pub async fn enter(&self) -> Result<Place, Full> {
        let one_of_all = Arc::clone(&self.all).try_acquire_owned().map_err(|_| Full)?;
        let place = timeout(self.wait_max, Arc::clone(&self.places).acquire_owned()).await;
        let place = place.map_err(|_| Full)?.map_err(|_| Full)?;
        Ok(Place { _place: place, _one_of_all: one_of_all })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: BreakerSettings = BreakerSettings {
        window: Duration::from_secs(10),
        calls_min: 4,
        failures_max: 0.5,
        slow: Duration::from_secs(2),
        slow_max: 0.75,
        rest_min: Duration::from_secs(1),
        rest_max: Duration::from_secs(8),
        probes: 2,
    };

    fn rest_of(breaker: &Breaker) -> Duration {
        let Resting(rest) = breaker.admit().unwrap_err();
        rest
    }

    async fn sleep_past(rest: Duration) {
        tokio::time::advance(rest + Duration::from_millis(1)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn half_of_enough_calls_must_fail_within_the_window() {
        let breaker = Breaker::new(SETTINGS);
        for _ in 0..3 {
            breaker.admit().unwrap().failed();
        }
        assert!(breaker.is_closed(), "three calls say nothing");
        tokio::time::advance(Duration::from_secs(11)).await;
        for _ in 0..3 {
            breaker.admit().unwrap().answered();
        }
        for _ in 0..2 {
            breaker.admit().unwrap().failed();
        }
        assert!(breaker.is_closed(), "the first three are forgotten: two of five");
        breaker.admit().unwrap().failed();
        assert!(!breaker.is_closed());
    }

    #[tokio::test(start_paused = true)]
    async fn slow_answers_open_it_too() {
        let breaker = Breaker::new(SETTINGS);
        for _ in 0..4 {
            let call = breaker.admit().unwrap();
            tokio::time::advance(Duration::from_millis(2_100)).await;
            call.answered();
        }
        assert!(!breaker.is_closed());
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_rest_one_asks_for_all_and_rests_grow_until_it_goes_well() {
        let breaker = Breaker::new(SETTINGS);
        for _ in 0..4 {
            breaker.admit().unwrap().failed();
        }
        let mut longest = Duration::ZERO;
        for _ in 0..6 {
            let rest = rest_of(&breaker);
            longest = longest.max(rest);
            sleep_past(rest).await;
            let probe = breaker.admit().unwrap();
            assert_eq!(rest_of(&breaker), SETTINGS.rest_min, "one at a time");
            probe.failed();
        }
        assert!(longest > Duration::from_secs(5) && longest <= SETTINGS.rest_max, "{longest:?}");
        sleep_past(rest_of(&breaker)).await;
        breaker.admit().unwrap().answered();
        assert!(!breaker.is_closed(), "one success of two");
        breaker.admit().unwrap().answered();
        assert!(breaker.is_closed());
        for _ in 0..4 {
            breaker.admit().unwrap().failed();
        }
        assert!(rest_of(&breaker) <= SETTINGS.rest_min.mul_f64(1.0 + JITTER), "rests begin anew");
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_dropped_is_no_probe_and_a_late_answer_changes_nothing() {
        let breaker = Breaker::new(SETTINGS);
        let late = breaker.admit().unwrap();
        for _ in 0..4 {
            breaker.admit().unwrap().failed();
        }
        sleep_past(rest_of(&breaker)).await;
        drop(breaker.admit().unwrap());
        let probe = breaker.admit().unwrap();
        late.answered();
        assert!(!breaker.is_closed(), "it was asked before the rest");
        probe.answered();
        breaker.admit().unwrap().answered();
        assert!(breaker.is_closed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_bulkhead_bounds_those_inside_and_those_who_wait() {
        let bulkhead = Bulkhead::new(2, 1, Duration::from_secs(1));
        let (first, _second) = (bulkhead.enter().await.unwrap(), bulkhead.enter().await.unwrap());
        let mut waits = Box::pin(bulkhead.enter());
        assert!(futures_util::poll!(&mut waits).is_pending());
        assert_eq!(bulkhead.enter().await.unwrap_err(), Full, "one waits already");
        drop(first);
        let _third = waits.await.unwrap();
        assert_eq!(bulkhead.enter().await.unwrap_err(), Full, "nobody leaves in time");
    }
}
