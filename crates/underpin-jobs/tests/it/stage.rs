//! A database, workers as processes of their own would be, and a job that does what its payload says.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{
    sync::{Mutex, Semaphore, mpsc},
    task::JoinHandle,
};
use underpin_base::{Principal, Role, TenantId, UserId};
use underpin_db::{Component, Db, Migration, statements};
use underpin_jobs::{
    Enqueue, Error, Fault, Job, JobId, JobState, JobView, Mark, Operator, Registry, Run, Runner,
    RunnerSettings, enqueue,
};
use underpin_runtime::CancellationToken;
use underpin_testkit::{TestDb, until};

/// A table of effects, so that tests see what was committed, how often and by whom.
pub(crate) const EFFECTS: Component = Component {
    name: "effects",
    migrations: &[Migration {
        version: "0001_effects",
        sql: "create schema effects; grant usage on schema effects to {app}, {system};
            create table effects.effect (n bigint generated always as identity, tenant_id uuid not null, job uuid not null,
                what text not null);
            alter table effects.effect enable row level security, force row level security;
            create policy app on effects.effect for all to {app} using (tenant_id = (select underpin.tenant()));
            grant select, insert on effects.effect to {app};",
    }],
};

statements! {
    pub(crate) INSERT_EFFECT: "effects.insert" (UUID, UUID, TEXT) -> ()
        = "insert into effects.effect (tenant_id, job, what) values ($1, $2, $3)";
}

/// A job that does what it is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Act {
    pub(crate) what: What,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// Return without a transaction.
    Nothing,
    /// Write one effect and finish in the same commit.
    Effect,
    /// Write effects in so many steps, each with its checkpoint.
    Steps(u32),
    /// Say that it began, wait for the gate, then do a step and finish.
    Gate,
    /// As `Gate`, but return at the gate when told to stop.
    GateOrStop,
    /// Fail so many times, then write an effect.
    Fail(i32),
    /// Come back in an hour, once.
    Snooze,
    /// Never possible.
    Discard,
    /// A handler that panics, once.
    Panic,
    /// Wait for ever.
    Hang,
    /// Say how far it is, then wait for the gate.
    Progress,
    /// Wait so many milliseconds at the first attempt, then do a step and finish; says on standard output when it is refused.
    Nap(u64),
    /// Write so many effects one by one in the commit that finishes it.
    Many(u32),
    /// Give the run to the test and wait for ever.
    Lend,
}

/// What tests and handlers of one stage share.
#[derive(Clone)]
pub(crate) struct Hands {
    pub(crate) began: Arc<Semaphore>,
    pub(crate) gate: Arc<Semaphore>,
    /// Answers of transactions that were refused as stale.
    pub(crate) refused: Arc<AtomicU32>,
    pub(crate) lend: mpsc::UnboundedSender<Run>,
    pub(crate) lent: Arc<Mutex<mpsc::UnboundedReceiver<Run>>>,
}

impl Job for Act {
    const KIND: &'static str = "test.act";
    const ATTEMPTS_MAX: u32 = 3;
    const TIMEOUT: Duration = Duration::from_mins(1);
    type Context = Hands;

    async fn run(self, hands: Hands, run: Run) -> Result<(), Fault> {
        match self.what {
            What::Nothing => Ok(()),
            What::Steps(steps) => {
                let first: u32 = run.checkpoint()?.unwrap_or_default();
                for step in first..steps {
                    one_step(&run, step).await?;
                }
                finish(&run, "finish").await
            }
            What::Gate => {
                hands.began.add_permits(1);
                hands.gate.acquire().await.unwrap().forget();
                let done = async {
                    one_step(&run, 0).await?;
                    finish(&run, "finish").await
                };
                let done = done.await;
                if done.is_err() {
                    hands.refused.fetch_add(1, Ordering::SeqCst);
                }
                done
            }
            What::GateOrStop => {
                hands.began.add_permits(1);
                tokio::select! {
                    () = run.stop().cancelled() => Err(Fault::Stopped),
                    permit = hands.gate.acquire() => { permit.unwrap().forget(); finish(&run, "effect").await }
                }
            }
            What::Fail(times) if run.attempt() <= times => {
                Err(Fault::retry(format!("failure {}", run.attempt())))
            }
            What::Snooze if hands.refused.fetch_add(1, Ordering::SeqCst) == 0 => {
                Err(Fault::Snooze(Duration::from_hours(1)))
            }
            What::Discard => Err(Fault::discard("no_such_thing", "it is not there")),
            What::Panic if run.attempt() == 1 => panic!("on purpose"),
            What::Effect | What::Fail(_) | What::Snooze | What::Panic => {
                finish(&run, "effect").await
            }
            What::Hang => std::future::pending().await,
            What::Progress => {
                run.progress(json!({ "half": true }));
                hands.gate.acquire().await.unwrap().forget();
                Ok(())
            }
            What::Nap(ms) => {
                if run.attempt() == 1 {
                    // The subject of a test: a job that takes its time.
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                }
                let done = async {
                    one_step(&run, 0).await?;
                    finish(&run, "finish").await
                };
                done.await.inspect_err(|fault| println!("refused: {fault}"))
            }
            What::Many(number) => many(&run, number).await,
            What::Lend => {
                hands.lend.send(run).unwrap();
                std::future::pending().await
            }
        }
    }
}

async fn one_step(run: &Run, step: u32) -> Result<(), Error> {
    let what = format!("step {step}");
    let (tenant, id, what) = (run.tenant().uuid(), run.id().uuid(), what.as_str());
    let mark =
        Mark { checkpoint: Some(json!(step + 1)), progress: Some(json!({ "steps": step + 1 })) };
    run.step(mark, |tx, _| {
        Box::pin(async move {
            tx.execute(&INSERT_EFFECT, &[&tenant, &id, &what]).await?;
            Ok(())
        })
    })
    .await
}

async fn many(run: &Run, number: u32) -> Result<(), Fault> {
    let (tenant, id) = (run.tenant().uuid(), run.id().uuid());
    run.finish(|tx, _| {
        Box::pin(async move {
            for effect in 0..number {
                tx.execute(&INSERT_EFFECT, &[&tenant, &id, &effect.to_string()]).await?;
            }
            Ok::<(), Error>(())
        })
    })
    .await?;
    Ok(())
}

async fn finish(run: &Run, what: &str) -> Result<(), Fault> {
    let (tenant, id) = (run.tenant().uuid(), run.id().uuid());
    run.finish(|tx, _| {
        Box::pin(async move {
            tx.execute(&INSERT_EFFECT, &[&tenant, &id, &what]).await?;
            Ok(())
        })
    })
    .await
}

pub(crate) struct Stage {
    pub(crate) test: TestDb,
    pub(crate) hands: Hands,
    pub(crate) principal: Principal,
    stop: CancellationToken,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A worker that runs as a process of its own would.
pub(crate) struct Worker {
    pub(crate) stop: CancellationToken,
    pub(crate) task: JoinHandle<()>,
}

pub(crate) fn hands() -> Hands {
    let (lend, borrow) = mpsc::unbounded_channel();
    Hands {
        lend,
        lent: Arc::new(Mutex::new(borrow)),
        began: Arc::new(Semaphore::new(0)),
        gate: Arc::new(Semaphore::new(0)),
        refused: Arc::new(AtomicU32::new(0)),
    }
}

pub(crate) fn member() -> Principal {
    Principal { tenant: TenantId::new(), subject: UserId::new(), role: Role::Member }
}

pub(crate) fn act_registry(hands: &Hands) -> Registry {
    let mut registry = Registry::new();
    registry.register::<Act>(hands.clone());
    registry
}

/// A worker that keeps its lease however slow the machine is and however far the clock is moved.
pub(crate) fn steady() -> RunnerSettings {
    let lease = Duration::from_hours(10_000);
    RunnerSettings { lease, drain: Duration::from_mins(2), ..RunnerSettings::default() }
}

/// A worker that soon notices that its lease is lost.
pub(crate) fn mortal() -> RunnerSettings {
    RunnerSettings { lease: Duration::from_secs(16), ..steady() }
}

impl Stage {
    /// Its clock stands still: what is due after a time is due when a test says so.
    pub(crate) async fn new() -> Self {
        let test = TestDb::new(&[underpin_jobs::COMPONENT, EFFECTS]).await;
        test.stop_clock().await;
        Self { test, hands: hands(), principal: member(), stop: CancellationToken::new() }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.test.db
    }

    pub(crate) fn operator(&self) -> Operator {
        Operator::new(self.db().clone())
    }

    pub(crate) fn work(&self) -> Worker {
        self.work_with(act_registry(&self.hands), steady())
    }

    pub(crate) fn work_with(&self, registry: Registry, settings: RunnerSettings) -> Worker {
        let runner = Runner::new(self.test.second_process(), registry, settings);
        let stop = self.stop.child_token();
        Worker { task: tokio::spawn(runner.run(stop.clone())), stop }
    }

    pub(crate) async fn enqueue(&self, what: What) -> JobId {
        self.enqueue_with(self.principal, what, Enqueue::default()).await.unwrap()
    }

    pub(crate) async fn enqueue_with(
        &self,
        principal: Principal,
        what: What,
        options: Enqueue,
    ) -> Result<JobId, Error> {
        let job = Act { what };
        let (job, options) = (&job, &options);
        self.db()
            .transact(principal, |tx, _| {
                Box::pin(async move { enqueue(tx, job, options.clone()).await })
            })
            .await
    }

    pub(crate) async fn job(&self, id: JobId) -> JobView {
        self.operator().job(id).await.unwrap().expect("the job is somewhere")
    }

    pub(crate) async fn state(&self, id: JobId, state: JobState) -> JobView {
        until(&format!("{id} is {state}"), async || {
            let job = self.job(id).await;
            (job.state == state).then_some(job)
        })
        .await
    }

    /// What jobs have committed, in order.
    pub(crate) async fn effects(&self, id: JobId) -> Vec<String> {
        let client = self.test.superuser().await;
        let rows = client
            .query("select what from effects.effect where job = $1 order by n", &[&id.uuid()])
            .await
            .unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    pub(crate) async fn began(&self) {
        let permit = tokio::time::timeout(Duration::from_mins(2), self.hands.began.acquire()).await;
        permit.expect("a handler begins").unwrap().forget();
    }

    /// End every lease, as if its time were over.
    pub(crate) async fn lose_lease(&self) {
        let client = self.test.superuser().await;
        client.batch_execute("delete from underpin.worker_lease").await.unwrap();
    }
}
