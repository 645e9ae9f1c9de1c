//! Errors, snoozes, discards, panics, time limits, dead letters.

use std::time::Duration;

use underpin_base::Trace;
use underpin_db::watch::Watch;
use underpin_jobs::{Enqueue, Error, JobState, Registry, RunnerSettings};
use underpin_runtime::{FailureGroups, telemetry::log_panics};
use underpin_testkit::until;

use crate::{
    log::Lines,
    stage::{Act, Hands, Stage, What, act_registry, steady},
};

#[tokio::test]
async fn a_failed_job_waits_longer_each_time_and_then_succeeds() {
    let stage = Stage::new().await;
    stage.work();
    let id = stage.enqueue(What::Fail(2)).await;
    let mut waits = Vec::new();
    for errors in 1..=2 {
        let job = until("the attempt failed", async || {
            let job = stage.job(id).await;
            (job.state == JobState::Deferred && job.errors == errors).then_some(job)
        })
        .await;
        let error = job.error().unwrap();
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            ("error", format!("failure {errors}").as_str())
        );
        waits.push(job.run_at.unwrap().duration_since(error.at).as_millis());
        stage.test.advance(Duration::from_secs(3)).await;
    }
    assert!((750..=1_250).contains(&waits[0]) && (1_500..=2_500).contains(&waits[1]), "{waits:?}");
    let done = stage.state(id, JobState::Done).await;
    assert_eq!((done.attempt, done.errors, done.last_errors.len()), (3, 2, 2));
    assert_eq!(stage.effects(id).await, ["effect"]);
}

#[tokio::test]
async fn the_last_attempt_makes_a_dead_letter_that_can_be_driven_again() {
    let stage = Stage::new().await;
    stage.work();
    let key = || Enqueue { unique_key: Some("k".into()), ..Enqueue::default() };
    let id = stage.enqueue_with(stage.principal, What::Fail(3), key()).await.unwrap();
    for errors in 1..=2 {
        until("the attempt failed", async || (stage.job(id).await.errors == errors).then_some(()))
            .await;
        stage.test.advance(Duration::from_secs(5)).await;
    }
    let dead = stage.state(id, JobState::Dead).await;
    assert_eq!((dead.attempt, dead.errors, dead.last_errors.len()), (3, 3, 3));
    let letters = stage.operator().jobs(JobState::Dead, None, 10).await.unwrap();
    assert_eq!(letters.iter().map(|job| job.id).collect::<Vec<_>>(), [id]);

    // Its key is free now; while another job has it the letter stays.
    let holder = stage.enqueue_with(stage.principal, What::GateOrStop, key()).await.unwrap();
    assert_ne!(holder, id);
    assert!(matches!(stage.operator().redrive(id).await, Err(Error::Taken(_))));
    stage.hands.gate.add_permits(1);
    stage.state(holder, JobState::Done).await;

    let sql = "update underpin.job_dead set payload = '{\"what\": \"effect\"}'";
    stage.test.superuser().await.batch_execute(sql).await.unwrap();
    stage.operator().redrive(id).await.unwrap();
    let done = stage.state(id, JobState::Done).await;
    assert_eq!((done.attempt, done.errors), (1, 0));
    assert!(matches!(stage.operator().redrive(id).await, Err(Error::NotDead(_))));
}

#[tokio::test]
async fn a_dead_letter_calls_once_and_an_error_before_it_does_not() {
    let (lines, _log) = Lines::begin();
    let stage = Stage::new().await;
    stage.work();
    for (what, reason) in [(What::Fail(3), "exhausted"), (What::Discard, "discarded")] {
        let id = stage.enqueue(what).await;
        let calls = || lines.with("dead letter").iter().filter(|l| l.contains(reason)).count();
        until("the job is dead", async || {
            let job = stage.job(id).await;
            if job.state == JobState::Deferred {
                assert_eq!(calls(), 0, "{job:?}");
                stage.test.advance(Duration::from_secs(5)).await;
            }
            (job.state == JobState::Dead).then_some(())
        })
        .await;
        until("it calls", async || (calls() == 1).then_some(())).await;
        let call = lines.with(&id.to_string()).pop().unwrap();
        assert!(call.contains("ERROR") && call.contains("test.act"), "{call}");
    }
}

#[tokio::test]
async fn errors_of_one_kind_and_shape_are_one_group_with_the_last_trace() {
    log_panics();
    let stage = Stage::new().await;
    let failures = FailureGroups::default();
    let settings = RunnerSettings { failures: failures.clone(), ..steady() };
    stage.work_with(act_registry(&stage.hands), settings);
    let watch = Watch::traced(Trace::new());
    let trace = watch.trace().unwrap().trace_id();
    // `failure 1` and `failure 2` are one cause.
    let failing = watch.over(stage.enqueue(What::Fail(2))).await;
    for errors in 1..=2 {
        until("the attempt failed", async || {
            let job = stage.job(failing).await;
            (job.state == JobState::Deferred && job.errors == errors).then_some(())
        })
        .await;
        stage.test.advance(Duration::from_secs(5)).await;
    }
    stage.state(failing, JobState::Done).await;
    for (what, state) in [
        (What::Discard, JobState::Dead),
        (What::Snooze, JobState::Deferred),
        (What::Panic, JobState::Deferred),
    ] {
        let id = stage.enqueue(what).await;
        stage.state(id, state).await;
    }
    let mut groups: Vec<_> =
        failures.list().into_iter().map(|g| (g.code, g.site, g.count)).collect();
    groups.sort();
    let panic = groups.pop().unwrap();
    assert!(panic.0 == "panic" && panic.1.is_some_and(|site| site.contains("stage.rs:")));
    let expected = [
        ("error".to_owned(), Some("test.act: failure #".to_owned()), 2),
        ("no_such_thing".to_owned(), Some("test.act: it is not there".to_owned()), 1),
    ];
    assert_eq!(groups, expected, "a snooze is no error");
    let list = failures.list();
    let group = list.iter().find(|group| group.code == "error").unwrap();
    assert_eq!((group.route.as_str(), group.last_trace.as_ref()), ("job test.act", Some(&trace)));
}

#[tokio::test]
async fn a_snooze_costs_no_attempt() {
    let stage = Stage::new().await;
    stage.work();
    let id = stage.enqueue(What::Snooze).await;
    let snoozed = stage.state(id, JobState::Deferred).await;
    assert_eq!((snoozed.attempt, snoozed.errors, snoozed.last_errors.len()), (0, 0, 0));
    stage.test.advance(Duration::from_secs(3_700)).await;
    assert_eq!(stage.state(id, JobState::Done).await.attempt, 1);
}

#[tokio::test]
async fn a_discard_is_a_dead_letter_at_once() {
    let stage = Stage::new().await;
    stage.work();
    let id = stage.enqueue(What::Discard).await;
    let dead = stage.state(id, JobState::Dead).await;
    assert_eq!(dead.attempt, 1);
    let error = dead.error().unwrap();
    assert_eq!((error.code.as_str(), error.message.as_str()), ("no_such_thing", "it is not there"));
}

#[tokio::test]
async fn a_panic_is_an_error_and_the_worker_survives() {
    let stage = Stage::new().await;
    stage.work();
    let id = stage.enqueue(What::Panic).await;
    let job = stage.state(id, JobState::Deferred).await;
    assert_eq!(
        job.error().map(|error| (error.code.as_str(), error.message.as_str())),
        Some(("panic", "on purpose"))
    );
    stage.test.advance(Duration::from_secs(3)).await;
    stage.state(id, JobState::Done).await;
}

#[tokio::test]
async fn a_payload_that_does_not_decode_is_an_error_and_not_a_crash() {
    let stage = Stage::new().await;
    let id = stage.enqueue(What::Nothing).await;
    let sql = "update underpin.job set payload = '{\"whot\": 1}'";
    stage.test.superuser().await.batch_execute(sql).await.unwrap();
    stage.work();
    let job = stage.state(id, JobState::Deferred).await;
    let error = job.error().unwrap();
    assert!(error.code == "error" && error.message.contains("payload of test.act"), "{error:?}");
    let sql = "update underpin.job set payload = '{\"what\": \"effect\"}'";
    stage.test.superuser().await.batch_execute(sql).await.unwrap();
    stage.test.advance(Duration::from_secs(3)).await;
    stage.state(id, JobState::Done).await;
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Slow(Act);

impl underpin_jobs::Job for Slow {
    const KIND: &'static str = "test.slow";
    const TIMEOUT: Duration = Duration::from_millis(50);
    type Context = Hands;
    async fn run(self, hands: Hands, run: underpin_jobs::Run) -> Result<(), underpin_jobs::Fault> {
        self.0.run(hands, run).await
    }
}

#[tokio::test]
async fn a_handler_past_its_time_is_cut_off_and_counts_as_an_error() {
    let stage = Stage::new().await;
    let mut registry = Registry::new();
    registry.register::<Slow>(stage.hands.clone());
    stage.work_with(registry, steady());
    let slow = &Slow(Act { what: What::Hang });
    let id = stage
        .db()
        .transact(stage.principal, |tx, _| {
            Box::pin(async move { underpin_jobs::enqueue(tx, slow, Enqueue::default()).await })
        })
        .await
        .unwrap();
    let job = stage.state(id, JobState::Deferred).await;
    assert_eq!(job.error().unwrap().code, "timeout");
}

#[tokio::test]
async fn progress_without_a_step_travels_with_a_turn() {
    let stage = Stage::new().await;
    stage.work();
    let id = stage.enqueue(What::Progress).await;
    until("the progress is seen", async || stage.job(id).await.progress.map(drop)).await;
    assert_eq!(stage.job(id).await.state, JobState::Running);
    stage.hands.gate.add_permits(1);
    assert_eq!(stage.state(id, JobState::Done).await.progress.unwrap()["half"], true);
}
