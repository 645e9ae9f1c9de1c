//! Ticks: once each, the newest of the missed ones only, and one look tells what is late.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::sync::Semaphore;
use underpin_jobs::{Fault, Registry, Schedule, ScheduleView, housekeeping};
use underpin_testkit::until;

use crate::{
    log::Lines,
    stage::{Stage, steady},
};

const HOUR: Duration = Duration::from_hours(1);

struct Bell {
    rung: Arc<AtomicU32>,
    gate: Arc<Semaphore>,
}

impl Bell {
    fn new(permits: usize) -> Self {
        Self { rung: Arc::default(), gate: Arc::new(Semaphore::new(permits)) }
    }

    fn registry(&self) -> Registry {
        let (rung, gate) = (Arc::clone(&self.rung), Arc::clone(&self.gate));
        let mut registry = Registry::new();
        registry.schedule(Schedule::new("bell", HOUR, move |_| {
            let (rung, gate) = (Arc::clone(&rung), Arc::clone(&gate));
            async move {
                rung.fetch_add(1, Ordering::SeqCst);
                gate.acquire().await.unwrap().forget();
                Ok(())
            }
        }));
        registry
    }
}

async fn view(stage: &Stage) -> Option<ScheduleView> {
    stage.operator().schedules().await.unwrap().pop()
}

async fn fired(stage: &Stage) -> i64 {
    let client = stage.test.superuser().await;
    client.query_one("select count(*) from underpin.schedule_fire", &[]).await.unwrap().get(0)
}

async fn succeeded_since(stage: &Stage, since: Option<Timestamp>) -> ScheduleView {
    until("the sweep succeeded", async || {
        view(stage).await.filter(|view| view.last_success_at > since)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_fire_a_tick_once() {
    let stage = Stage::new().await;
    let bell = Bell::new(100);
    for _ in 0..2 {
        stage.work_with(bell.registry(), steady());
    }
    let first = succeeded_since(&stage, None).await;
    for tick in 2..=4 {
        let before = view(&stage).await.unwrap().last_success_at;
        stage.test.advance(HOUR).await;
        succeeded_since(&stage, before).await;
        assert_eq!(fired(&stage).await, tick);
    }
    let last = view(&stage).await.unwrap();
    let ticks = [first.last_tick.unwrap(), last.last_tick.unwrap()];
    assert!(
        ticks.iter().all(|tick| tick.as_second() % 3_600 == 0),
        "aligned to the epoch: {ticks:?}"
    );
    assert_eq!((ticks[1].as_second() - ticks[0].as_second()) / 3_600, 3);
    assert_eq!(last.next_tick.as_second() - ticks[1].as_second(), 3_600);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_missed_ticks_only_the_newest_fires() {
    let stage = Stage::new().await;
    let bell = Bell::new(100);
    let worker = stage.work_with(bell.registry(), steady());
    let before = succeeded_since(&stage, None).await.last_success_at;
    worker.stop.cancel();
    worker.task.await.unwrap();
    stage.test.advance(7 * HOUR).await;
    assert!(view(&stage).await.unwrap().overdue);
    stage.work_with(bell.registry(), steady());
    let after = succeeded_since(&stage, before).await;
    assert!(!after.overdue);
    assert_eq!(fired(&stage).await, 2, "one for seven hours");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_that_goes_on_gets_no_second_beside_it() {
    let stage = Stage::new().await;
    let bell = Bell::new(0);
    stage.work_with(bell.registry(), steady());
    until("the sweep runs", async || (bell.rung.load(Ordering::SeqCst) == 1).then_some(())).await;
    stage.test.advance(HOUR).await;
    until("the next tick fired", async || (fired(&stage).await == 2).then_some(())).await;
    assert_eq!(bell.rung.load(Ordering::SeqCst), 1);
    bell.gate.add_permits(1);
    succeeded_since(&stage, None).await;
    stage.test.advance(HOUR).await;
    until("the tick after it runs", async || (bell.rung.load(Ordering::SeqCst) == 2).then_some(()))
        .await;
}

#[tokio::test]
async fn a_tick_that_is_skipped_says_once_why_and_who_has_it() {
    let (lines, _log) = Lines::begin();
    let skips = async |reason: &str| {
        let of_reason = |line: &String| line.contains(&format!("reason=\"{reason}\""));
        until("the skip is logged", async || {
            let skips = lines.with("tick skipped");
            skips.iter().any(of_reason).then_some(skips)
        })
        .await
    };
    let stage = Stage::new().await;
    let bell = Bell::new(0);
    stage.work_with(bell.registry(), steady());
    until("the sweep runs", async || (bell.rung.load(Ordering::SeqCst) == 1).then_some(())).await;
    let holder = &stage.operator().workers().await.unwrap()[0];
    let holder = format!("epoch={} host=\"{}\" pid={}", holder.epoch, holder.host, holder.pid);

    stage.test.advance(HOUR).await;
    let unfinished = skips("unfinished").await;
    let running = stage.operator().jobs(underpin_jobs::JobState::Running, None, 9).await.unwrap();
    let whole = format!("{holder} job={}", running[0].id);
    assert!(unfinished.len() == 1 && unfinished[0].contains(&whole), "{unfinished:?}, {whole}");
    assert!(unfinished[0].contains("schedule=\"bell\""), "{unfinished:?}");

    // As a process sees it whose look began before another's was committed.
    let sql = "update underpin.schedule set last_tick = last_tick - interval '1 hour'";
    stage.test.superuser().await.batch_execute(sql).await.unwrap();
    let taken = skips("taken").await;
    assert!(taken.len() == 2 && taken[1].contains(&holder), "{taken:?}");
    assert_eq!(fired(&stage).await, 2);
    let tick = view(&stage).await.unwrap().last_tick.unwrap();
    assert!(taken[1].contains(&format!("tick={tick}")), "{taken:?}: it is over, {tick}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_that_fails_says_so_and_leaves_no_dead_letter() {
    let stage = Stage::new().await;
    let mut registry = Registry::new();
    registry.schedule(
        Schedule::new("broken", HOUR, async |_| Err(Fault::discard("broken", "no disk")))
            .max_age(HOUR),
    );
    stage.work_with(registry, steady());
    let failed = until("the failure is noted", async || {
        view(&stage).await.filter(|view| view.last_error.is_some())
    })
    .await;
    assert!(failed.last_error.unwrap().contains("no disk") && failed.last_success_at.is_none());
    assert!(
        stage.operator().jobs(underpin_jobs::JobState::Dead, None, 9).await.unwrap().is_empty()
    );
    stage.test.advance(HOUR + Duration::from_mins(1)).await;
    assert!(view(&stage).await.unwrap().overdue);
}

#[tokio::test(flavor = "multi_thread")]
async fn housekeeping_makes_days_ahead_and_drops_what_is_over() {
    let mut stage = Stage::new().await;
    stage.test = underpin_testkit::TestDb::new(&[
        underpin_log::COMPONENT,
        underpin_jobs::COMPONENT,
        crate::stage::EFFECTS,
    ])
    .await;
    stage.test.stop_clock().await;
    let id = stage.enqueue(crate::stage::What::Effect).await;
    let worker = stage.work();
    stage.state(id, underpin_jobs::JobState::Done).await;
    worker.stop.cancel();
    worker.task.await.unwrap();
    stage.test.advance(24 * 100 * HOUR).await;
    let mut registry = Registry::new();
    for schedule in housekeeping() {
        registry.schedule(schedule);
    }
    stage.work_with(registry, steady());
    until("both succeeded", async || {
        let all = stage.operator().schedules().await.unwrap();
        (all.len() == 2 && all.iter().all(|view| view.last_success_at.is_some())).then_some(())
    })
    .await;
    assert!(
        stage.operator().job(id).await.unwrap().is_none(),
        "a hundred days are more than the fourteen that are kept"
    );
    let client = stage.test.superuser().await;
    let sql = "select count(*) from underpin.worker where ended_at is not null";
    assert_eq!(client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 0);
}
