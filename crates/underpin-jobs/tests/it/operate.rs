//! What an operator sees and does.

use underpin_jobs::{JobState, expire_all_leases};
use underpin_testkit::until;

use crate::stage::{Stage, What, act_registry, mortal};

#[tokio::test]
async fn the_operator_sees_workers_queues_and_jobs_of_all_tenants() {
    let stage = Stage::new().await;
    stage.work();
    let running = stage.enqueue(What::Gate).await;
    stage.began().await;
    let dead = stage.enqueue(What::Discard).await;
    stage.state(dead, JobState::Dead).await;
    let workers = stage.operator().workers().await.unwrap();
    assert!(workers[0].alive && workers[0].lease_until > Some(workers[0].started_at));
    assert_eq!(
        (workers[0].kinds.as_slice(), workers[0].running),
        (["test.act".to_owned()].as_slice(), 1)
    );
    assert_eq!(workers[0].pid, i32::try_from(std::process::id()).unwrap());
    let queues = stage.operator().queues().await.unwrap();
    let counts = (queues[0].ready, queues[0].deferred, queues[0].running, queues[0].dead);
    assert_eq!((queues[0].queue.as_str(), counts), ("default", (0, 0, 1, 1)));
    let jobs = stage.operator().jobs(JobState::Running, None, 10).await.unwrap();
    assert_eq!(jobs.iter().map(|job| job.id).collect::<Vec<_>>(), [running]);
    stage.hands.gate.add_permits(1);
    stage.state(running, JobState::Done).await;
    let done = stage.operator().jobs(JobState::Done, None, 10).await.unwrap();
    assert_eq!(done.len(), 1);
    assert!(stage.operator().jobs(JobState::Done, Some(done[0].id), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn expiring_all_leases_makes_every_worker_begin_anew() {
    let stage = Stage::new().await;
    stage.work_with(act_registry(&stage.hands), mortal());
    let first = until("a worker lives", async || {
        stage
            .operator()
            .workers()
            .await
            .unwrap()
            .first()
            .filter(|worker| worker.alive)
            .map(|worker| worker.epoch)
    })
    .await;
    assert_eq!(expire_all_leases(stage.db()).await.unwrap(), 1);
    let workers = until("it lives again and its predecessor is dead", async || {
        let workers = stage.operator().workers().await.unwrap();
        let old = workers.iter().find(|worker| worker.epoch == first)?;
        (workers.iter().any(|worker| worker.alive) && old.ended_at.is_some()).then_some(workers)
    })
    .await;
    assert!(workers[0].epoch > first, "under another epoch");
    let old = workers.iter().find(|worker| worker.epoch == first).unwrap();
    assert_eq!(old.ending.as_deref(), Some("expired"));
}
