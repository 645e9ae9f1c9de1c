//! Small reads at a steady pace, whatever becomes of the ones before.

use std::time::Duration;

use tokio::{
    task::{JoinHandle, JoinSet},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use crate::Person;

/// Pause between two reads: 50 a second.
const EVERY: Duration = Duration::from_millis(20);

/// Reads that go on until they are ended.
pub(super) struct Probes {
    stop: CancellationToken,
    reads: JoinHandle<Taken>,
}

/// What came of them.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// How long each answer took, in milliseconds, shortest first.
    answers_ms: Vec<u128>,
    /// Answers other than 200, and reads without one.
    pub(super) errors: Vec<String>,
}

impl Probes {
    /// Let these people read in turn.
    pub(super) fn begin(people: Vec<Person>) -> Self {
        let stop = CancellationToken::new();
        let reads = tokio::spawn(read(people, stop.clone()));
        Self { stop, reads }
    }

    /// Wait for the last answer.
    pub(super) async fn end(self) -> Taken {
        self.stop.cancel();
        let ended = self.reads.await;
        ended.unwrap_or_else(|error| Taken { errors: vec![error.to_string()], ..Taken::default() })
    }
}

async fn read(people: Vec<Person>, stop: CancellationToken) -> Taken {
    let (mut reads, mut every) = (JoinSet::new(), interval(EVERY));
    // Those that were missed are not made up for: a burst would measure itself.
    every.set_missed_tick_behavior(MissedTickBehavior::Skip);
    for person in people.iter().cycle() {
        if stop.run_until_cancelled(every.tick()).await.is_none() {
            break;
        }
        let person = person.clone();
        reads.spawn(async move { person.get("/v1/session").await });
    }
    let mut taken = Taken::default();
    while let Some(read) = reads.join_next().await {
        match read {
            Ok(Ok(answer)) if answer.status == 200 => {
                taken.answers_ms.push(answer.took.as_millis());
            }
            Ok(Ok(answer)) => taken.errors.push(answer.unexpected().to_string()),
            Ok(Err(error)) => taken.errors.push(error.with_causes()),
            Err(error) => taken.errors.push(error.to_string()),
        }
    }
    taken.answers_ms.sort_unstable();
    taken
}

impl Taken {
    pub(super) fn answers(&self) -> usize {
        self.answers_ms.len()
    }

    /// The time within which so many of 100 were answered.
    pub(super) fn within_ms(&self, percent: usize) -> u128 {
        let at = (self.answers() * percent / 100).min(self.answers().saturating_sub(1));
        self.answers_ms.get(at).copied().unwrap_or_default()
    }

    pub(super) fn longest_ms(&self) -> u128 {
        self.answers_ms.last().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_of_a_hundred_may_take_longer() {
        let taken = Taken { answers_ms: (1..=100).collect(), errors: Vec::new() };
        assert_eq!((taken.within_ms(95), taken.longest_ms()), (96, 100));
        assert_eq!(Taken::default().within_ms(95), 0);
    }
}
