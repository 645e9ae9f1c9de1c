//! Stopping in good order.

use std::time::Duration;

use underpin_jobs::{JobState, RunnerSettings};

use crate::stage::{Stage, What, act_registry, steady};

#[tokio::test]
async fn a_stopped_worker_gives_its_jobs_back_without_an_attempt() {
    let stage = Stage::new().await;
    let worker = stage.work();
    let id = stage.enqueue(What::GateOrStop).await;
    stage.began().await;
    worker.stop.cancel();
    worker.task.await.unwrap();
    let job = stage.job(id).await;
    assert_eq!((job.state, job.attempt, job.errors, job.crashes), (JobState::Ready, 0, 0, 0));
    let workers = stage.operator().workers().await.unwrap();
    assert_eq!(workers.len(), 1);
    assert_eq!((workers[0].alive, workers[0].ending.as_deref()), (false, Some("stopped")));

    stage.work();
    stage.began().await;
    stage.hands.gate.add_permits(1);
    assert_eq!(stage.state(id, JobState::Done).await.attempt, 1);
}

#[tokio::test]
async fn a_handler_that_does_not_stop_is_cut_off_and_its_job_given_back() {
    let stage = Stage::new().await;
    let settings = RunnerSettings { drain: Duration::from_millis(50), ..steady() };
    let worker = stage.work_with(act_registry(&stage.hands), settings);
    let id = stage.enqueue(What::Gate).await;
    stage.began().await;
    worker.stop.cancel();
    worker.task.await.unwrap();
    let job = stage.job(id).await;
    assert_eq!((job.state, job.attempt, job.crashes), (JobState::Ready, 0, 0));
}

#[tokio::test]
async fn a_handler_that_ends_while_the_worker_stops_is_done() {
    let stage = Stage::new().await;
    let worker = stage.work();
    let id = stage.enqueue(What::Gate).await;
    stage.began().await;
    worker.stop.cancel();
    stage.hands.gate.add_permits(1);
    worker.task.await.unwrap();
    assert_eq!(stage.job(id).await.state, JobState::Done);
    assert_eq!(stage.effects(id).await, ["step 0", "finish"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_starts_and_stops_twenty_times_and_loses_nothing() {
    let stage = Stage::new().await;
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(stage.enqueue(What::Effect).await);
        let worker = stage.work();
        tokio::task::yield_now().await;
        worker.stop.cancel();
        worker.task.await.unwrap();
    }
    stage.work();
    for id in ids {
        stage.state(id, JobState::Done).await;
        assert_eq!(stage.effects(id).await, ["effect"]);
    }
}
