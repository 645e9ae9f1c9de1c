//! One life of a worker: from its epoch to its end.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
    time::Duration,
};

use tokio::{
    sync::Notify,
    task::{Id, JoinError, JoinSet},
    time::{Instant, sleep_until},
};
use underpin_db::{Listener, Purpose, Scope, Wake};
use underpin_runtime::CancellationToken;
use uuid::Uuid;

use super::{
    Runner,
    attempt::{self, Report},
    heartbeat,
    turn::{Answer, Failed, Progress, Turn, look},
    upkeep,
};
use crate::{
    Result, Retention,
    run::{Claim, Shared},
    schedule,
    store::workers::{DELETE_WORKER, INSERT_WORKER},
};

/// Wait between two looks of an idle worker: from the first to the last, doubling.
const IDLE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(1));
/// Pause after a turn that failed.
const RETRY: Duration = Duration::from_millis(200);
/// Shortest time between two turns that carry progress alone.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);
/// Most reports of one turn.
const REPORTS_MAX: usize = 512;

/// How a life ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// As asked; everything was given back.
    Stopped,
    /// The lease was lost: what ran was cut off.
    Fenced,
}

struct Life<'a> {
    runner: &'a Runner,
    epoch: i64,
    kinds: Vec<String>,
    /// Cancelled when the process may no longer act for its claims.
    fence: CancellationToken,
    /// Parent of every run's token.
    stop_runs: CancellationToken,
    tasks: JoinSet<Report>,
    running: HashMap<Id, Arc<Shared>>,
    /// What the next turn will say.
    turn: Turn,
    progressed: Arc<Notify>,
    hints: Listener,
    cursor: Uuid,
    idle: Duration,
    /// Not before this is there another look for work.
    look_at: Instant,
    /// When progress that waits is taken along at the latest.
    report_at: Option<Instant>,
    /// Since `stop` was asked for: until when handlers may go on.
    drain_until: Option<Instant>,
}

/// What woke the loop.
enum Event {
    Fenced,
    Stop,
    DrainOver,
    Ended(Result<(Id, Report), JoinError>),
    Look,
    Progressed,
}

/// Live until `stop` or until the lease is lost.
pub(super) async fn live(runner: &Runner, stop: &CancellationToken) -> Result<Ending> {
    Retention::default().make_ahead(&runner.db).await?;
    schedule::register(&runner.db, runner.registry.schedules()).await?;
    let before = Instant::now();
    let mut life = Life::begin(runner).await?;
    let epoch = life.epoch;
    let ending = tokio::select! {
        ending = life.work(stop) => ending,
        () = heartbeat::keep(&runner.db, epoch, &runner.settings, before) => Ending::Fenced,
        () = upkeep::run(runner, epoch) => Ending::Fenced,
    };
    drop(life);
    if ending == Ending::Stopped {
        let ended = runner.db.execute(scope(), &DELETE_WORKER, &[&epoch]).await;
        if let Err(error) = ended {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the lease will run out instead"
            );
        }
    }
    Ok(ending)
}

impl Drop for Life<'_> {
    /// Whatever ends a life cuts its handlers off.
    fn drop(&mut self) {
        self.fence.cancel();
        self.tasks.abort_all();
    }
}

impl<'a> Life<'a> {
    async fn begin(runner: &'a Runner) -> Result<Self> {
        let settings = &runner.settings;
        let kinds = runner.registry.kinds();
        let lease_ms = i64::try_from(settings.lease.as_millis()).unwrap_or(i64::MAX);
        let pid = i32::try_from(std::process::id()).unwrap_or_default();
        let hints = runner.db.wakes().listen(Wake::Jobs);
        let row = runner
            .db
            .query_one(
                scope(),
                &INSERT_WORKER,
                &[&host(), &pid, &settings.build, &kinds, &lease_ms],
            )
            .await?;
        let epoch = row.get(0);
        let fence = CancellationToken::new();
        tracing::info!(epoch, slots = settings.slots, "worker begins");
        Ok(Self {
            runner,
            epoch,
            kinds,
            stop_runs: fence.child_token(),
            fence,
            tasks: JoinSet::new(),
            running: HashMap::new(),
            turn: Turn::default(),
            progressed: Arc::new(Notify::new()),
            hints,
            cursor: Uuid::nil(),
            idle: IDLE.0,
            look_at: Instant::now(),
            report_at: None,
            drain_until: None,
        })
    }

    /// Take turns until the end.
    async fn work(&mut self, stop: &CancellationToken) -> Ending {
        loop {
            if (Instant::now() >= self.look_at || self.turn.says())
                && let Err(error) = self.take_turn().await
            {
                tracing::warn!(error = &error as &dyn std::error::Error, "turn failed");
                // Its answer may have been lost after the commit: the next turn names every claim we know.
                self.turn.known = Some(Vec::new());
                if self.pause(RETRY).await == Some(Ending::Fenced) {
                    return Ending::Fenced;
                }
                continue;
            }
            if self.drain_until.is_some() && self.running.is_empty() && !self.turn.says() {
                return Ending::Stopped;
            }
            match self.event(stop).await {
                Event::Fenced => return Ending::Fenced,
                Event::Stop => {
                    self.drain_until = Some(Instant::now() + self.runner.settings.drain);
                    self.stop_runs.cancel();
                }
                Event::DrainOver => {
                    tracing::warn!(cut = self.running.len(), "handlers did not stop in time");
                    self.drain_until = Some(Instant::now() + self.runner.settings.drain);
                    self.tasks.abort_all();
                }
                Event::Ended(ended) => self.collect(ended),
                Event::Look => self.look_at = Instant::now(),
                Event::Progressed => self.report_at = Some(Instant::now() + PROGRESS_EVERY),
            }
        }
    }

    /// Wait for whatever comes first.
    async fn event(&mut self, stop: &CancellationToken) -> Event {
        let (draining, reporting) = (self.drain_until.is_some(), self.report_at.is_some());
        let drain_until = self.drain_until.unwrap_or_else(Instant::now);
        let report_at = self.report_at.unwrap_or_else(Instant::now);
        let wants = self.want() > 0;
        let wait = self.look_at.saturating_duration_since(Instant::now());
        tokio::select! {
            biased;
            () = self.fence.cancelled() => Event::Fenced,
            () = stop.cancelled(), if !draining => Event::Stop,
            Some(ended) = self.tasks.join_next_with_id() => Event::Ended(ended),
            () = sleep_until(drain_until), if draining => Event::DrainOver,
            () = sleep_until(report_at), if reporting => Event::Look,
            () = self.progressed.notified(), if !reporting => Event::Progressed,
            () = self.hints.wait(wait), if wants => Event::Look,
        }
    }

    /// Wait without listening to anything but the fence.
    async fn pause(&self, pause: Duration) -> Option<Ending> {
        tokio::select! {
            () = self.fence.cancelled() => Some(Ending::Fenced),
            () = tokio::time::sleep(pause) => None,
        }
    }

    fn want(&self) -> usize {
        if self.drain_until.is_some() {
            return 0;
        }
        self.runner.settings.slots.max(1).saturating_sub(self.running.len())
    }

    /// Say what there is to say and take what there is to take.
    async fn take_turn(&mut self) -> Result<()> {
        self.gather();
        self.report_at = None;
        let want = self.want();
        if !self.turn.says() {
            let (work, next) =
                if want > 0 { look(&self.runner.db, &self.kinds).await? } else { (false, None) };
            if !work {
                self.rest(next.and_then(|ms| u64::try_from(ms).ok()));
                return Ok(());
            }
        }
        self.turn.want = want;
        if let Some(known) = &mut self.turn.known {
            *known = self.running.values().map(|shared| shared.claim.claim_seq).collect();
        }
        let answer = self.turn.take(&self.runner.db, self.epoch, &self.kinds, self.cursor).await?;
        if !answer.alive {
            self.fence.cancel();
            return Ok(());
        }
        let Answer { claimed, stale, cursor, next_ms, .. } = answer;
        if !stale.is_empty() {
            tracing::warn!(epoch = self.epoch, ?stale, "late answers refused");
        }
        // Only now is it so: the turn was taken, and the claim was still held.
        self.turn
            .failed
            .iter()
            .filter(|said| !stale.contains(&said.claim_seq))
            .for_each(Failed::alert);
        self.turn = Turn::default();
        self.cursor = cursor;
        if claimed.len() == want {
            // There may be more; as soon as a slot is free the next turn asks.
            self.idle = IDLE.0;
            self.look_at = Instant::now() + IDLE.1;
        } else {
            self.rest(next_ms);
        }
        for claim in claimed {
            self.start(claim);
        }
        Ok(())
    }

    /// Everything that has ended or was said since the last turn.
    fn gather(&mut self) {
        while self.turn.done.len() + self.turn.failed.len() < REPORTS_MAX {
            let Some(ended) = self.tasks.try_join_next_with_id() else { break };
            self.collect(ended);
        }
        for shared in self.running.values() {
            let said = shared.progress.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(progress) = said {
                let claim = &shared.claim;
                self.turn.progress.push(Progress {
                    id: claim.id,
                    claim_seq: claim.claim_seq,
                    progress,
                });
            }
        }
    }

    /// Sleep until the next deferred job is due, or a little longer than the last time.
    fn rest(&mut self, next_ms: Option<u64>) {
        let luck = 0.75 + rand::random::<f64>() / 2.0;
        let wait =
            self.idle.mul_f64(luck).min(next_ms.map_or(Duration::MAX, Duration::from_millis));
        self.look_at = Instant::now() + wait;
        self.idle = (self.idle * 2).min(IDLE.1);
    }

    fn start(&mut self, claim: Claim) {
        self.idle = IDLE.0;
        let Some(kind) = self.runner.registry.get(&claim.kind).cloned() else {
            // The turn asked for known kinds only.
            self.turn.failed.push(attempt::give_back(&claim));
            return;
        };
        let shared = Arc::new(Shared {
            db: self.runner.db.clone(),
            failures: self.runner.settings.failures.clone(),
            stop: self.stop_runs.child_token(),
            fence: self.fence.clone(),
            stale: AtomicBool::new(false),
            finished: AtomicBool::new(false),
            progress: Mutex::new(None),
            progressed: Arc::clone(&self.progressed),
            claim,
        });
        let tracer = self.runner.settings.tracer.clone();
        let task = self.tasks.spawn(attempt::run(Arc::clone(&shared), kind, tracer));
        self.running.insert(task.id(), shared);
    }

    /// Turn the end of a task into what the next turn says.
    fn collect(&mut self, ended: Result<(Id, Report), JoinError>) {
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let Some(shared) = self.running.remove(&id) else { return };
        let claim = &shared.claim;
        match ended {
            Ok((_, Report::Done)) => self.turn.done.push((claim.id, claim.claim_seq)),
            Ok((_, Report::Silent)) => {}
            Ok((_, Report::Failed(failed))) => self.turn.failed.push(failed),
            // Cut off at the end of the drain.
            Err(_) => self.turn.failed.push(attempt::give_back(claim)),
        }
        // A slot is free: look for more at once.
        self.look_at = Instant::now();
    }
}

const fn scope() -> Scope {
    Scope::System(Purpose::Jobs)
}

/// The machine's name, for the operator.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "unknown".to_owned() } else { name.to_owned() }
}
