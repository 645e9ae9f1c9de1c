//! Enqueueing: with the commit, once per id and per unique key.

use std::time::Duration;

use underpin_base::{Clock as _, SystemClock};
use underpin_db::Purpose;
use underpin_db::Scope;
use underpin_jobs::{Enqueue, Error, JobId, JobState, Priority, enqueue, enqueue_as};

use crate::stage::{Act, Stage, What, member, steady};

fn keyed(key: &str) -> Enqueue {
    Enqueue { unique_key: Some(key.to_owned()), ..Enqueue::default() }
}

#[tokio::test]
async fn a_job_runs_and_is_found_at_every_point_of_its_life() {
    let stage = Stage::new().await;
    let id = stage.enqueue(What::Gate).await;
    assert_eq!(stage.job(id).await.state, JobState::Ready);
    stage.work();
    stage.began().await;
    let running = stage.job(id).await;
    assert_eq!((running.state, running.attempt), (JobState::Running, 1));
    stage.hands.gate.add_permits(1);
    let done = stage.state(id, JobState::Done).await;
    assert!(done.finished_at.is_some() && done.error().is_none());
    assert_eq!(done.progress.unwrap()["steps"], 1);
    assert_eq!(stage.effects(id).await, ["step 0", "finish"]);
}

#[tokio::test]
async fn a_job_of_a_rolled_back_transaction_never_was() {
    let stage = Stage::new().await;
    let id = JobId::new();
    let result: Result<(), Error> = stage
        .db()
        .transact(stage.principal, |tx, _| {
            Box::pin(async move {
                let options = Enqueue { id: Some(id), ..Enqueue::default() };
                enqueue(tx, &Act { what: What::Effect }, options).await?;
                Err(underpin_db::Error::Aborted.into())
            })
        })
        .await;
    assert!(result.is_err());
    assert!(stage.operator().job(id).await.unwrap().is_none());
}

#[tokio::test]
async fn an_id_is_used_once() {
    let stage = Stage::new().await;
    let options = Enqueue { id: Some(JobId::new()), ..Enqueue::default() };
    let id = stage.enqueue_with(stage.principal, What::Nothing, options.clone()).await.unwrap();
    let again = stage.enqueue_with(stage.principal, What::Nothing, options).await;
    assert!(matches!(again, Err(Error::Exists(taken)) if taken == id), "{again:?}");
}

#[tokio::test]
async fn a_unique_key_is_held_until_the_job_is_over_and_by_one_tenant_only() {
    let stage = Stage::new().await;
    let first = stage.enqueue_with(stage.principal, What::Fail(1), keyed("k")).await.unwrap();
    assert_eq!(
        stage.enqueue_with(stage.principal, What::Nothing, keyed("k")).await.unwrap(),
        first
    );
    assert_ne!(
        stage.enqueue_with(stage.principal, What::Nothing, keyed("l")).await.unwrap(),
        first
    );
    assert_ne!(stage.enqueue_with(member(), What::Nothing, keyed("k")).await.unwrap(), first);
    stage.work();
    stage.state(first, JobState::Deferred).await;
    let during_retry =
        stage.enqueue_with(stage.principal, What::Nothing, keyed("k")).await.unwrap();
    assert_eq!(during_retry, first, "the key is kept through a retry");
    stage.test.advance(Duration::from_secs(3)).await;
    stage.state(first, JobState::Done).await;
    assert_ne!(
        stage.enqueue_with(stage.principal, What::Nothing, keyed("k")).await.unwrap(),
        first
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rivals_for_a_unique_key_get_one_job() {
    let stage = Stage::new().await;
    let stage = &stage;
    let ids = futures_util::future::join_all((0..6).map(|_| async move {
        stage.enqueue_with(stage.principal, What::Nothing, keyed("rivals")).await.unwrap()
    }))
    .await;
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn a_job_waits_for_its_time() {
    let stage = Stage::new().await;
    let run_at = Some(SystemClock.now() + Duration::from_hours(1));
    let id = stage
        .enqueue_with(stage.principal, What::Effect, Enqueue { run_at, ..Enqueue::default() })
        .await
        .unwrap();
    let other = stage.enqueue(What::Effect).await;
    stage.work();
    stage.state(other, JobState::Done).await;
    assert_eq!(stage.job(id).await.state, JobState::Deferred);
    stage.test.advance(Duration::from_secs(3_601)).await;
    stage.state(id, JobState::Done).await;
}

#[tokio::test]
async fn what_somebody_waits_for_runs_before_the_rest() {
    let stage = Stage::new().await;
    let mut ids = Vec::new();
    for priority in [Priority::Low, Priority::Normal, Priority::High] {
        let options = Enqueue { priority, ..Enqueue::default() };
        ids.push(stage.enqueue_with(stage.principal, What::Effect, options).await.unwrap());
    }
    let settings = underpin_jobs::RunnerSettings { slots: 1, ..steady() };
    stage.work_with(crate::stage::act_registry(&stage.hands), settings);
    for id in &ids {
        stage.state(*id, JobState::Done).await;
    }
    let client = stage.test.superuser().await;
    let rows = client.query("select job from effects.effect order by n", &[]).await.unwrap();
    let order: Vec<JobId> = rows.iter().map(|row| JobId::from_uuid(row.get(0))).collect();
    ids.reverse();
    assert_eq!(order, ids);
}

#[tokio::test]
async fn the_platform_enqueues_for_a_tenant_and_a_tenant_for_itself_only() {
    let stage = Stage::new().await;
    let (principal, job) = (member(), &Act { what: What::Effect });
    let enqueue_in = async |scope: Scope| {
        stage
            .db()
            .transact(scope, |tx, _| {
                Box::pin(async move { enqueue_as(tx, principal, job, Enqueue::default()).await })
            })
            .await
    };
    let id = enqueue_in(Scope::System(Purpose::Sweep)).await.unwrap();
    let refused = enqueue_in(stage.principal.into()).await;
    assert!(matches!(refused, Err(Error::Db(underpin_db::Error::Refused { .. }))), "{refused:?}");
    stage.work();
    assert_eq!(stage.state(id, JobState::Done).await.tenant, Some(principal.tenant));
}
