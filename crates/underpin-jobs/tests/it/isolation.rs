//! Who sees which job.

use underpin_base::{Principal, Role, UserId};
use underpin_jobs::{Enqueue, JobId, JobState, JobView, find};

use crate::stage::{Stage, What, member};

async fn seen(stage: &Stage, principal: Principal, id: JobId) -> Option<JobView> {
    let found: Result<_, underpin_jobs::Error> =
        stage.db().transact(principal, |tx, _| Box::pin(async move { find(tx, id).await })).await;
    found.unwrap()
}

#[tokio::test]
async fn a_job_is_seen_by_its_tenants_staff_and_by_whom_it_runs_for_in_every_state() {
    let stage = Stage::new().await;
    let investor = Principal { role: Role::Investor, subject: UserId::new(), ..stage.principal };
    let other_investor = Principal { subject: UserId::new(), ..investor };
    let stranger = member();
    let done = stage.enqueue_with(investor, What::Effect, Enqueue::default()).await.unwrap();
    let dead = stage.enqueue_with(investor, What::Discard, Enqueue::default()).await.unwrap();
    let check = async || {
        for id in [done, dead] {
            assert!(seen(&stage, stage.principal, id).await.is_some(), "staff");
            assert!(seen(&stage, investor, id).await.is_some(), "the one who enqueued it");
            assert!(seen(&stage, other_investor, id).await.is_none(), "another outside person");
            assert!(seen(&stage, stranger, id).await.is_none(), "another tenant's staff");
        }
    };
    check().await;
    stage.work();
    stage.state(done, JobState::Done).await;
    stage.state(dead, JobState::Dead).await;
    check().await;
}

#[tokio::test]
async fn no_table_of_jobs_shows_a_row_to_another_tenant_or_lets_it_write_one() {
    let stage = Stage::new().await;
    for what in [What::Effect, What::Discard] {
        let id = stage.enqueue(what).await;
        assert_eq!(stage.job(id).await.state, JobState::Ready);
    }
    let (app, connection) =
        tokio_postgres::connect(&stage.test.app_url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let stranger = member();
    let set = format!(
        "set underpin.tenant = '{}'; set underpin.subject = '{}'; set underpin.role = 'service'",
        stranger.tenant, stranger.subject
    );
    app.batch_execute(&set).await.unwrap();
    for table in ["job", "job_done", "job_dead"] {
        assert!(
            app.query(&format!("select 1 from underpin.{table}"), &[]).await.unwrap().is_empty(),
            "{table}"
        );
    }
    assert_eq!(app.execute("update underpin.job set progress = '1'", &[]).await.unwrap(), 0);
    assert_eq!(app.execute("delete from underpin.job", &[]).await.unwrap(), 0);
    for table in ["worker", "worker_lease", "schedule", "schedule_fire"] {
        let refused = app.query(&format!("select 1 from underpin.{table}"), &[]).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501", "{table}");
    }
}

#[tokio::test]
async fn a_person_cannot_end_a_job_that_runs() {
    let stage = Stage::new().await;
    stage.work();
    let id = stage.enqueue(What::GateOrStop).await;
    stage.began().await;
    let (app, connection) =
        tokio_postgres::connect(&stage.test.app_url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let set =
        format!("set underpin.tenant = '{}'; set underpin.role = 'owner'", stage.principal.tenant);
    app.batch_execute(&set).await.unwrap();
    assert_eq!(app.query("select 1 from underpin.job", &[]).await.unwrap().len(), 1);
    assert_eq!(app.execute("update underpin.job set progress = '1'", &[]).await.unwrap(), 0);
    assert_eq!(app.execute("delete from underpin.job", &[]).await.unwrap(), 0);
    stage.hands.gate.add_permits(1);
    stage.state(id, JobState::Done).await;
}

#[tokio::test]
async fn every_table_has_forced_row_security() {
    let stage = Stage::new().await;
    let sql = "select relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'underpin' and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)
          and relname not in ('migration', 'test_clock')";
    let rows = stage.test.superuser().await.query(sql, &[]).await.unwrap();
    let bare: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(bare.is_empty(), "{bare:?}");
}
