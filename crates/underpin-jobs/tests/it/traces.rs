//! A job belongs to the trace of whoever enqueued it, wherever it is in its life, and its statements are watched.

use underpin_base::Trace;
use underpin_db::watch::{Known, Suspicion, Watch};
use underpin_jobs::{JobId, JobState, Runner, RunnerSettings};
use underpin_testkit::until;

use crate::stage::{Stage, What, act_registry, steady};

async fn enqueue_traced(stage: &Stage, what: What) -> (JobId, String) {
    let watch = Watch::traced(Trace::new());
    let trace = watch.trace().unwrap().to_string();
    (watch.over(stage.enqueue(what)).await, trace)
}

#[tokio::test]
async fn the_trace_goes_with_the_job_to_its_end_and_back_from_the_dead() {
    let stage = Stage::new().await;
    let (discarded, trace) = enqueue_traced(&stage, What::Discard).await;
    assert_eq!(stage.job(discarded).await.trace.as_ref(), Some(&trace), "while it waits");
    stage.work();
    let dead = stage.state(discarded, JobState::Dead).await;
    assert_eq!(dead.trace.as_ref(), Some(&trace), "as a dead letter");
    let sql = "update underpin.job_dead set payload = '{\"what\": \"effect\"}'";
    stage.test.superuser().await.batch_execute(sql).await.unwrap();
    stage.operator().redrive(discarded).await.unwrap();
    // Ends in the handler's own transaction.
    let done = stage.state(discarded, JobState::Done).await;
    assert_eq!(done.trace.as_ref(), Some(&trace), "driven again, in the history");
    // Ends in a turn.
    let (nothing, trace) = enqueue_traced(&stage, What::Nothing).await;
    assert_eq!(stage.state(nothing, JobState::Done).await.trace.as_ref(), Some(&trace));
    let untraced = stage.enqueue(What::Nothing).await;
    assert_eq!(stage.state(untraced, JobState::Done).await.trace, None);
}

#[tokio::test]
async fn the_trace_survives_a_worker_that_dies() {
    let stage = Stage::new().await;
    let (id, trace) = enqueue_traced(&stage, What::Gate).await;
    let first = stage.work();
    stage.began().await;
    first.task.abort();
    stage.lose_lease().await;
    let settings = RunnerSettings { crashes_max: 1, ..steady() };
    stage.work_with(act_registry(&stage.hands), settings);
    assert_eq!(stage.state(id, JobState::Dead).await.trace, Some(trace));
}

/// What a worker in this process finds while it does a job to its end.
async fn findings(stage: &Stage, what: What) -> Vec<Known> {
    let registry = act_registry(&stage.hands);
    let runner = Runner::new(stage.db().clone(), registry, steady());
    let task = tokio::spawn(runner.run(underpin_runtime::CancellationToken::new()));
    let id = stage.enqueue(what).await;
    stage.state(id, JobState::Done).await;
    // Noted after the commit: the job may be seen as done a moment before.
    let marker = stage.enqueue(What::Many(9)).await;
    stage.state(marker, JobState::Done).await;
    let found = until("the marker is noted", async || {
        let list = stage.db().findings().list();
        list.iter().any(|known| known.finding.runs == 9).then_some(list)
    })
    .await;
    task.abort();
    found
}

#[tokio::test]
async fn the_steps_of_a_job_are_no_repeats_of_each_other() {
    let stage = Stage::new().await;
    let found = findings(&stage, What::Steps(30)).await;
    assert_eq!(found.len(), 1, "only the marker: {found:?}");
    assert_eq!(found[0].count, 1);
}

#[tokio::test]
async fn a_step_that_asks_per_item_is_a_finding_with_its_kind_and_trace() {
    let stage = Stage::new().await;
    let found = findings(&stage, What::Many(6)).await;
    let known = found.iter().find(|known| known.finding.statement == "effects.insert").unwrap();
    assert_eq!((known.place.as_str(), known.count), ("job test.act", 2));
    assert_eq!(known.finding.suspicion, Suspicion::FanOut);
    assert!(known.finding.site.unwrap().file().ends_with("stage.rs"));
    assert_eq!(known.last_trace.as_ref().map(String::len), Some(32));
}
