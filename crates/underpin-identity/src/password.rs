//! Passwords: Argon2id on threads of their own, with a bounded queue in front.
//!
//! A check costs 19 MiB and some 40 ms of a core. The threads are as many as the cores less one, so a flood of sign-ins
//! never takes the last core from the requests; the memory is as many blocks, allocated once.

mod phc;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
        mpsc,
    },
    time::Duration,
};

use argon2::Block;
use tokio::sync::oneshot;
use underpin_base::Secret;

use crate::{Error, Result};

/// Shortest password, in bytes.
pub const PASSWORD_BYTES_MIN: usize = 10;
/// Longest password, in bytes: a longer one is refused before it costs anything.
pub const PASSWORD_BYTES_MAX: usize = 1_024;
/// Checks that wait for a thread, at most.
const QUEUE_MAX: usize = 32;
/// Longest wait for a thread.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// A password that a person may choose.
#[derive(Debug, Clone)]
pub struct NewPassword(Secret<String>);

impl NewPassword {
    /// Take a password of 10 to 1,024 bytes; `field` names it in the error.
    pub fn parse(field: &'static str, text: Secret<String>) -> Result<Self> {
        match text.expose().len() {
            0..PASSWORD_BYTES_MIN => {
                Err(Error::invalid(field, "too_short", "a password has at least 10 bytes"))
            }
            PASSWORD_BYTES_MIN..=PASSWORD_BYTES_MAX => Ok(Self(text)),
            _ => Err(Error::invalid(field, "too_long", "a password has at most 1,024 bytes")),
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wrong,
    /// Right; `rehash` is a new hash if the stored one was made with other parameters than today's.
    Right {
        rehash: Option<String>,
    },
}

/// The threads that hash and check passwords. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    queue: mpsc::SyncSender<Job>,
    /// Checked in place of a stored hash when there is no such account: the time is the same.
    nobody: Arc<str>,
}

struct Job {
    ticket: Ticket,
    work: Work,
}

enum Work {
    Hash(NewPassword, oneshot::Sender<Result<String>>),
    Verify(Secret<String>, String, oneshot::Sender<Result<Verdict>>),
}

/// Who decides the fate of a waiting job: the thread that starts it, or its asker who has waited long enough.
#[derive(Debug, Clone, Default)]
struct Ticket(Arc<AtomicU8>);

impl Ticket {
    const WAITING: u8 = 0;
    const TAKEN: u8 = 1;
    const GIVEN_UP: u8 = 2;

    fn decide(&self, fate: u8) -> bool {
        self.0.compare_exchange(Self::WAITING, fate, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// An asker that goes away leaves no work behind: a job that waits is skipped, one that runs keeps its thread to the end.
struct GiveUp(Ticket);

impl Drop for GiveUp {
    fn drop(&mut self) {
        self.0.decide(Ticket::GIVEN_UP);
    }
}

impl Passwords {
    /// Start the threads: the cores less one, at least one. They end when the last clone is gone.
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self::with_threads(cores.saturating_sub(1).max(1))
    }

    fn with_threads(threads: usize) -> Self {
        let (queue, jobs) = mpsc::sync_channel(QUEUE_MAX);
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..threads {
            let jobs = Arc::clone(&jobs);
            let spawned = std::thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || work(&jobs));
            if let Err(error) = spawned {
                tracing::error!(%error, "a password thread could not be started");
            }
        }
        Self { queue, nobody: phc::nobody().into() }
    }

    /// Hash a new password.
    ///
    /// Errors: [`Error::Overloaded`] if the queue is full or no thread took it within 2 s.
    pub(crate) async fn hash(&self, password: NewPassword) -> Result<String> {
        let (answer, answered) = oneshot::channel();
        self.run(Work::Hash(password, answer), answered).await
    }

    /// Check a password against a stored hash; against nobody's if there is none, which is always wrong.
    ///
    /// Errors: [`Error::Overloaded`] as [`Passwords::hash`]; [`Error::Corrupt`] for a stored hash out of bounds.
    pub(crate) async fn verify(
        &self,
        password: Secret<String>,
        stored: Option<String>,
    ) -> Result<Verdict> {
        if password.expose().len() > PASSWORD_BYTES_MAX {
            return Ok(Verdict::Wrong);
        }
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.to_string());
        let (answer, answered) = oneshot::channel();
        let verdict = self.run(Work::Verify(password, stored, answer), answered).await?;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    async fn run<T>(&self, work: Work, answered: oneshot::Receiver<Result<T>>) -> Result<T> {
        let ticket = Ticket::default();
        let _give_up = GiveUp(ticket.clone());
        let job = Job { ticket: ticket.clone(), work };
        self.queue.try_send(job).map_err(|_| Error::Overloaded)?;
        let mut answered = answered;
        let answer = match tokio::time::timeout(WAIT_MAX, &mut answered).await {
            Ok(answer) => answer,
            Err(_) if ticket.decide(Ticket::GIVEN_UP) => return Err(Error::Overloaded),
            Err(_) => answered.await,
        };
        answer.unwrap_or(Err(Error::Overloaded))
    }
}

fn work(jobs: &Mutex<mpsc::Receiver<Job>>) {
    let mut memory: Vec<Block> = Vec::new();
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { ticket, work }) = next else { return };
        if !ticket.decide(Ticket::TAKEN) {
            continue;
        }
        // An asker that has gone away meanwhile does not want the answer.
        match work {
            Work::Hash(password, answer) => {
                let _ = answer.send(phc::hash(password.0.expose().as_bytes(), &mut memory));
            }
            Work::Verify(password, stored, answer) => {
                let verdict = phc::verify(password.expose().as_bytes(), &stored, &mut memory);
                let _ = answer.send(verdict);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    fn password(text: &str) -> NewPassword {
        NewPassword::parse("password", secret(text)).unwrap()
    }

    #[test]
    fn a_password_has_10_to_1024_bytes() {
        for (bytes, fine) in [(0, false), (9, false), (10, true), (1_024, true), (1_025, false)] {
            let outcome = NewPassword::parse("password", Secret::new("x".repeat(bytes)));
            assert_eq!(outcome.is_ok(), fine, "{bytes}");
        }
    }

    #[tokio::test]
    async fn the_right_password_is_right_and_nobody_has_one() {
        let passwords = Passwords::with_threads(1);
        let hash = passwords.hash(password("correct horse")).await.unwrap();
        let right = passwords.verify(secret("correct horse"), Some(hash.clone())).await.unwrap();
        assert_eq!(right, Verdict::Right { rehash: None });
        let wrong = passwords.verify(secret("correct hors"), Some(hash)).await.unwrap();
        assert_eq!(wrong, Verdict::Wrong);
        assert_eq!(passwords.verify(secret("correct horse"), None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_flood_is_turned_away_at_the_queue_and_what_was_taken_is_answered() {
        let passwords = Passwords::with_threads(1);
        let tries = (0..200).map(|_| passwords.verify(secret("whatever it is"), None));
        let answers = futures_util::future::join_all(tries).await;
        let refused = answers.iter().filter(|a| matches!(a, Err(Error::Overloaded))).count();
        let answered = answers.iter().filter(|a| a.is_ok()).count();
        assert_eq!(refused + answered, 200);
        assert!(refused >= 200 - QUEUE_MAX - 1 && answered >= 1, "{refused} refused");
    }

    #[test]
    fn what_an_asker_gave_up_is_not_taken_and_what_was_taken_is_not_given_up() {
        let ticket = Ticket::default();
        drop(GiveUp(ticket.clone()));
        assert!(!ticket.decide(Ticket::TAKEN));
        let ticket = Ticket::default();
        assert!(ticket.decide(Ticket::TAKEN));
        assert!(!ticket.decide(Ticket::GIVEN_UP));
    }
}
