//! Workers that die, freeze or are cut off: nothing is lost, nothing counts twice.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use underpin_db::Db;
use underpin_jobs::{JobState, Runner, RunnerSettings, expire_all_leases};
use underpin_runtime::{CancellationToken, FailureGroups};
use underpin_testkit::{patient, until};

use crate::{
    log::Lines,
    stage::{INSERT_EFFECT, Stage, What, act_registry, hands, mortal, steady},
};

/// What the child is told by: the URLs of `app` and `system`.
const CHILD: [&str; 2] = ["JOBS_TEST_CHILD_APP", "JOBS_TEST_CHILD_SYSTEM"];

/// Not a test: the worker process that other tests start and kill. Without its environment it does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn child_worker() {
    let [Ok(app), Ok(system)] = CHILD.map(std::env::var) else { return };
    let db = Db::new(patient(&app, &system)).unwrap();
    let runner = Runner::new(db, act_registry(&hands()), RunnerSettings::default());
    runner.run(CancellationToken::new()).await;
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    fn start(stage: &Stage, crash_at: Option<&str>) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "crashes::child_worker", "--nocapture"]);
        command.env(CHILD[0], &stage.test.app_url).env(CHILD[1], &stage.test.system_url);
        if let Some(place) = crash_at {
            command.env("UNDERPIN_CRASH_AT", place);
        }
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    async fn ended(&mut self) -> std::process::ExitStatus {
        let child = std::cell::RefCell::new(&mut self.0);
        until("the child has ended", async || child.borrow_mut().try_wait().unwrap()).await
    }
}

/// Die at each of these places once, with a job of three steps under way, and let another worker go on.
async fn survive(places: &[&str]) {
    let stage = Stage::new().await;
    for place in places {
        let id = stage.enqueue(What::Steps(3)).await;
        let plain = stage.enqueue(What::Nothing).await;
        let mut child = Process::start(&stage, Some(place));
        let status = child.ended().await;
        assert!(!status.success(), "{place}: the child must have crashed");
        expire_all_leases(stage.db()).await.unwrap();
        let worker = stage.work();
        stage.state(id, JobState::Done).await;
        stage.state(plain, JobState::Done).await;
        assert_eq!(stage.effects(id).await, ["step 0", "step 1", "step 2", "finish"], "{place}");
        worker.stop.cancel();
        worker.task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_around_a_step_loses_and_doubles_nothing() {
    survive(&[
        "jobs.step.begin",
        "jobs.step.worked:2",
        "jobs.step.fenced:2",
        "jobs.step.committed:3",
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_around_the_finish_loses_and_doubles_nothing() {
    survive(&[
        "jobs.finish.begin",
        "jobs.finish.worked",
        "jobs.finish.fenced",
        "jobs.finish.committed",
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_around_a_turn_loses_and_doubles_nothing() {
    survive(&[
        "jobs.turn.before",
        "jobs.turn.after",
        "jobs.turn.before:2",
        "jobs.turn.after:2",
        "jobs.handler.before",
        "jobs.handler.after",
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_worker_that_wakes_gets_its_late_answer_refused() {
    let stage = Stage::new().await;
    let child = Process::start(&stage, None);
    let id = stage.enqueue(What::Nap(5_000)).await;
    stage.state(id, JobState::Running).await;
    child.signal("-STOP");
    expire_all_leases(stage.db()).await.unwrap();
    stage.work();
    let done = stage.state(id, JobState::Done).await;
    assert_eq!((done.attempt, done.error().unwrap().code.as_str()), (2, "crashed"));
    child.signal("-CONT");
    // Its answer is refused, or its heartbeat is and its handler is cut off: whichever comes first. Then it begins anew.
    let pid = i32::try_from(child.0.id()).unwrap();
    until("the zombie has a new life", async || {
        let workers = stage.operator().workers().await.unwrap();
        (workers.iter().filter(|worker| worker.pid == pid).count() == 2).then_some(())
    })
    .await;
    assert_eq!(stage.effects(id).await, ["step 0", "finish"], "only the second attempt's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_workers_jobs_run_elsewhere_within_ten_seconds() {
    let stage = Stage::new().await;
    let child = Process::start(&stage, None);
    // At the gate of the child, which never opens.
    let id = stage.enqueue(What::Gate).await;
    stage.state(id, JobState::Running).await;
    stage.hands.gate.add_permits(1);
    stage.work();
    drop(child);
    // The last that it may have done is to renew its lease: that and the survivor's next look come within so long, by the clock of leases.
    stage.test.advance(Duration::from_secs(10)).await;
    until("another attempt runs", async || (stage.job(id).await.attempt == 2).then_some(())).await;
    stage.state(id, JobState::Done).await;
    assert_eq!(stage.effects(id).await, ["step 0", "finish"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_was_open_when_the_claim_was_lost_is_rolled_back() {
    let stage = Stage::new().await;
    stage.work_with(act_registry(&stage.hands), mortal());
    let id = stage.enqueue(What::Lend).await;
    let run = stage.hands.lent.lock().await.recv().await.unwrap();
    // The handler's transaction goes on in this task, as that of a process would which does not notice.
    let gate = stage.hands.gate.clone();
    let old = run.clone();
    let (inside, is_inside) = tokio::sync::oneshot::channel();
    let zombie = tokio::spawn(async move {
        let (tenant, job, gate, mut inside) =
            (old.tenant().uuid(), old.id().uuid(), &gate, Some(inside));
        old.finish(|tx, _| {
            let inside = inside.take();
            Box::pin(async move {
                tx.execute(&INSERT_EFFECT, &[&tenant, &job, &"zombie"]).await?;
                let _ = inside.map(|inside| inside.send(()));
                gate.acquire().await.unwrap().forget();
                Ok::<(), underpin_jobs::Error>(())
            })
        })
        .await
    });
    is_inside.await.unwrap();
    stage.lose_lease().await;
    // The second attempt lends itself too, and ends well.
    let second = stage.hands.lent.lock().await.recv().await.unwrap();
    assert!(second.claim_seq() > run.claim_seq());
    assert_eq!(second.attempt(), 2);
    stage.hands.gate.add_permits(1);
    let refused = zombie.await.unwrap().unwrap_err();
    assert!(matches!(refused, underpin_jobs::Error::Stale { job, .. } if job == id), "{refused:?}");
    assert!(stage.effects(id).await.is_empty(), "rolled back");
    let (tenant, job) = (second.tenant().uuid(), id.uuid());
    second
        .finish(|tx, _| {
            Box::pin(async move {
                tx.execute(&INSERT_EFFECT, &[&tenant, &job, &"second"]).await?;
                Ok::<(), underpin_jobs::Error>(())
            })
        })
        .await
        .unwrap();
    assert_eq!(stage.state(id, JobState::Done).await.crashes, 1);
    assert_eq!(stage.effects(id).await, ["second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_lease_is_noticed_by_the_databases_clock() {
    let stage = Stage::new().await;
    let first = stage.work_with(act_registry(&stage.hands), mortal());
    let id = stage.enqueue(What::Gate).await;
    stage.began().await;
    stage.test.advance(Duration::from_mins(1)).await;
    // Either the heartbeat comes first and the lease goes on, or the job is taken back: both are right, and both end well.
    stage.hands.gate.add_permits(2);
    stage.state(id, JobState::Done).await;
    assert_eq!(stage.effects(id).await, ["step 0", "finish"]);
    first.stop.cancel();
    first.task.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_its_worker_three_times_is_a_dead_letter() {
    let stage = Stage::new().await;
    stage.work_with(act_registry(&stage.hands), mortal());
    let id = stage.enqueue(What::Gate).await;
    for crash in 1..=3 {
        stage.began().await;
        stage.lose_lease().await;
        if crash < 3 {
            until("the crash is counted", async || {
                (stage.job(id).await.crashes == crash).then_some(())
            })
            .await;
            stage.test.advance(Duration::from_secs(6)).await;
        }
    }
    let dead = stage.state(id, JobState::Dead).await;
    assert_eq!((dead.crashes, dead.errors), (3, 0), "crashes are no errors of the handler");
    assert_eq!(dead.error().unwrap().code, "crashed");
    assert!(stage.effects(id).await.is_empty());
}

#[tokio::test]
async fn a_dead_letter_by_crashes_calls_as_any_other_and_its_crashes_are_one_group() {
    let (lines, _log) = Lines::begin();
    let stage = Stage::new().await;
    let failures = FailureGroups::default();
    let settings = || RunnerSettings { crashes_max: 2, failures: failures.clone(), ..steady() };
    let id = stage.enqueue(What::Gate).await;
    for _ in 0..2 {
        let worker = stage.work_with(act_registry(&stage.hands), settings());
        stage.began().await;
        assert!(lines.with("dead letter").is_empty(), "it goes on");
        worker.task.abort();
        let _ = worker.task.await;
        stage.lose_lease().await;
    }
    stage.work_with(act_registry(&stage.hands), settings());
    stage.state(id, JobState::Dead).await;
    let calls = until("it calls", async || {
        let calls = lines.with("dead letter");
        (!calls.is_empty()).then_some(calls)
    })
    .await;
    let call = &calls[0];
    let parts = ["ERROR", "test.act", "reason=\"crashed\"", "code=\"crashed\"", &id.to_string()];
    assert!(calls.len() == 1 && parts.iter().all(|part| call.contains(part)), "{calls:?}");
    let groups = failures.list();
    assert_eq!(groups.len(), 1, "{groups:?}");
    assert_eq!((groups[0].code.as_str(), groups[0].count), ("crashed", 2));
    assert_eq!(groups[0].route, "job test.act");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_connections_are_cut_goes_on() {
    let stage = Stage::new().await;
    stage.work_with(act_registry(&stage.hands), mortal());
    let client = stage.test.superuser().await;
    for _ in 0..3 {
        let id = stage.enqueue(What::Gate).await;
        stage.began().await;
        let cut = "select pg_terminate_backend(pid) from pg_stat_activity where usename like '%_system' and datname = current_database()";
        client.query(cut, &[]).await.unwrap();
        stage.hands.gate.add_permits(1);
        until("the job is done", async || {
            let job = stage.operator().job(id).await.ok().flatten()?;
            (job.state == JobState::Done).then_some(())
        })
        .await;
        assert_eq!(stage.effects(id).await, ["step 0", "finish"]);
    }
}
