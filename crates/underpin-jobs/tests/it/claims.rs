//! Who gets which job: once each, in turn between tenants, known kinds only.

use std::collections::HashMap;

use underpin_jobs::{Enqueue, JobState, RunnerSettings};
use underpin_testkit::until;

use crate::stage::{Stage, What, act_registry, member, steady};

async fn count(stage: &Stage, table: &str) -> i64 {
    let client = stage.test.superuser().await;
    client.query_one(&format!("select count(*) from {table}"), &[]).await.unwrap().get(0)
}

/// So many ready jobs of one tenant, by SQL.
async fn flood(stage: &Stage, tenant: uuid::Uuid, jobs: i64, kind: &str, what: &str) {
    let sql = "insert into underpin.job (id, tenant_id, on_behalf_of, kind, queue, priority, payload, attempts_max, created_at, run_at, state)
        select gen_random_uuid(), $1, gen_random_uuid(), $3, 'default', 10, jsonb_build_object('what', $4::text), 3, underpin.now(),
            underpin.now(), 'ready' from generate_series(1, $2::int8)";
    let client = stage.test.superuser().await;
    client.execute(sql, &[&tenant, &jobs, &kind, &what]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_share_five_hundred_jobs_and_each_runs_once() {
    let stage = Stage::new().await;
    for _ in 0..3 {
        flood(&stage, member().tenant.uuid(), 100, "test.act", "effect").await;
    }
    flood(&stage, stage.principal.tenant.uuid(), 200, "test.act", "effect").await;
    let settings = || RunnerSettings { slots: 8, ..steady() };
    let first = stage.work_with(act_registry(&stage.hands), settings());
    let second = stage.work_with(act_registry(&stage.hands), settings());
    until("every job is done", async || {
        (count(&stage, "underpin.job_done").await == 500).then_some(())
    })
    .await;
    let client = stage.test.superuser().await;
    let sql = "select count(*), count(distinct job) from effects.effect";
    let row = client.query_one(sql, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (500, 500));
    let sql = "select count(*) filter (where attempt <> 1), count(distinct claim_seq) from underpin.job_done";
    let row = client.query_one(sql, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (0, 500));
    for worker in [first, second] {
        worker.stop.cancel();
        worker.task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_only_return_are_done_by_the_turn() {
    let stage = Stage::new().await;
    flood(&stage, stage.principal.tenant.uuid(), 200, "test.act", "nothing").await;
    let settings = RunnerSettings { slots: 16, ..steady() };
    stage.work_with(act_registry(&stage.hands), settings);
    until("every job is done", async || {
        (count(&stage, "underpin.job_done").await == 200).then_some(())
    })
    .await;
    assert_eq!(count(&stage, "underpin.job").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_tenants_job_does_not_wait_behind_a_loud_ones_thousands() {
    let stage = Stage::new().await;
    flood(&stage, stage.principal.tenant.uuid(), 20_000, "test.act", "gate").await;
    let settings = RunnerSettings { slots: 2, ..steady() };
    stage.work_with(act_registry(&stage.hands), settings);
    stage.began().await;
    stage.began().await;
    for _ in 0..3 {
        // Both slots are busy and thousands wait.
        let quiet = stage.enqueue_with(member(), What::Effect, Enqueue::default()).await.unwrap();
        // The quiet one's job takes its turn within a few claims, or the gate closes before it is done.
        stage.hands.gate.add_permits(50);
        stage.state(quiet, JobState::Done).await;
    }
    assert!(count(&stage, "underpin.job").await > 19_000, "the loud one still waits");
}

#[tokio::test]
async fn a_claim_takes_a_fair_share_of_each_tenant() {
    let stage = Stage::new().await;
    let (loud, quiet, lone) =
        (member().tenant.uuid(), member().tenant.uuid(), member().tenant.uuid());
    flood(&stage, loud, 500, "test.act", "nothing").await;
    flood(&stage, quiet, 3, "test.act", "nothing").await;
    flood(&stage, lone, 1, "test.act", "nothing").await;
    let client = stage.test.superuser().await;
    client
        .batch_execute(
            "insert into underpin.worker (host, pid, build, kinds, started_at) values ('h', 1, 'b', '{}', underpin.now());
             insert into underpin.worker_lease select epoch, underpin.now() + interval '1 hour' from underpin.worker;
             select underpin.job_turn((select epoch from underpin.worker), '{}', '{}', '[]', '[]', null, 12, '{test.act}',
                '00000000-0000-0000-0000-000000000000')",
        )
        .await
        .unwrap();
    let sql = "select tenant_id, count(*) from underpin.job where state = 'running' group by 1";
    let rows = client.query(sql, &[]).await.unwrap();
    let got: HashMap<uuid::Uuid, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(got, HashMap::from([(loud, 8), (quiet, 3), (lone, 1)]));
}

#[tokio::test]
async fn a_kind_of_another_build_is_left_alone() {
    let stage = Stage::new().await;
    flood(&stage, stage.principal.tenant.uuid(), 3, "test.of_the_next_build", "effect").await;
    let id = stage.enqueue(What::Effect).await;
    stage.work();
    stage.state(id, JobState::Done).await;
    let client = stage.test.superuser().await;
    let sql = "select count(*) from underpin.job where state = 'ready' and attempt = 0";
    assert_eq!(client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 3);
}
