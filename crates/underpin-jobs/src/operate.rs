//! What an operator asks and does.

use jiff::Timestamp;
use serde::Serialize;
use underpin_db::{Db, Purpose, Row, Scope, Wake, on_constraint};
use uuid::Uuid;

use crate::{
    Error, JobId, JobState, JobView, Result,
    find::view,
    store::{
        operate::{
            LIST_DEAD, LIST_DONE, LIST_LIVE, LIST_QUEUES, LIST_SCHEDULES, LIST_WORKERS, REDRIVE_JOB,
        },
        workers::DELETE_LEASES,
    },
};

/// Most workers that a list shows.
const WORKERS_MAX: i64 = 200;

/// A life of a worker process.
#[derive(Debug, Clone, Serialize)]
pub struct WorkerView {
    /// Its number, fresh at each start.
    pub epoch: i64,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: i32,
    /// The build.
    pub build: String,
    /// The kinds it knows.
    pub kinds: Vec<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// `stopped` or `expired`.
    pub ending: Option<String>,
    /// Until when it holds its jobs.
    pub lease_until: Option<Timestamp>,
    /// Whether it holds its jobs now.
    pub alive: bool,
    /// Jobs in its hands.
    pub running: i64,
}

/// Counts of a queue.
#[derive(Debug, Clone, Serialize)]
pub struct QueueView {
    /// Its name.
    pub queue: String,
    /// Jobs that wait for a worker.
    pub ready: i64,
    /// Jobs that wait for their time.
    pub deferred: i64,
    /// Jobs in workers' hands.
    pub running: i64,
    /// Dead letters.
    pub dead: i64,
    /// How long the oldest ready job has been due.
    pub oldest_ready_seconds: Option<f64>,
}

/// A schedule and whether it succeeds when it should.
#[derive(Debug, Clone, Serialize)]
pub struct ScheduleView {
    /// Its name.
    pub name: String,
    /// Its interval.
    pub every_seconds: f64,
    /// The newest tick that fired.
    pub last_tick: Option<Timestamp>,
    /// When a run last succeeded.
    pub last_success_at: Option<Timestamp>,
    /// When a run last failed to its last attempt.
    pub last_failure_at: Option<Timestamp>,
    /// Why, unless it succeeded since.
    pub last_error: Option<String>,
    /// The next tick.
    pub next_tick: Timestamp,
    /// The last success is older than it may be.
    pub overdue: bool,
}

/// The operator's view over all tenants. Whoever holds it sees everything: it is given to the operator's listener only.
#[derive(Debug, Clone)]
pub struct Operator {
    db: Db,
}

impl Operator {
    /// The operator of this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// Workers that live or ended within a day, newest first.
    pub async fn workers(&self) -> Result<Vec<WorkerView>> {
        let rows = self.db.query(scope(), &LIST_WORKERS, &[&WORKERS_MAX]).await?;
        Ok(rows.iter().map(worker).collect())
    }

    /// Counts per queue. Cost: reads every live job.
    pub async fn queues(&self) -> Result<Vec<QueueView>> {
        let rows = self.db.query(scope(), &LIST_QUEUES, &[]).await?;
        let queue = |row: &Row| QueueView {
            queue: row.get(0),
            ready: row.get(1),
            deferred: row.get(2),
            running: row.get(3),
            dead: row.get(4),
            oldest_ready_seconds: row.get(5),
        };
        Ok(rows.iter().map(queue).collect())
    }

    /// All schedules.
    pub async fn schedules(&self) -> Result<Vec<ScheduleView>> {
        let rows = self.db.query(scope(), &LIST_SCHEDULES, &[]).await?;
        let schedule = |row: &Row| ScheduleView {
            name: row.get(0),
            every_seconds: row.get::<_, i64>(1) as f64 / 1_000.0,
            last_tick: row.get(2),
            last_success_at: row.get(3),
            last_failure_at: row.get(4),
            last_error: row.get(5),
            next_tick: row.get(6),
            overdue: row.get(7),
        };
        Ok(rows.iter().map(schedule).collect())
    }

    /// Jobs of one state over all tenants, newest first, before an id; ask for one more than a page to know of the next.
    pub async fn jobs(
        &self,
        state: JobState,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<JobView>> {
        let (before, limit) = (before.map(JobId::uuid), i64::from(limit));
        let rows = match state {
            JobState::Done => self.db.query(scope(), &LIST_DONE, &[&before, &limit]).await?,
            JobState::Dead => self.db.query(scope(), &LIST_DEAD, &[&before, &limit]).await?,
            live => self.db.query(scope(), &LIST_LIVE, &[&live.as_str(), &before, &limit]).await?,
        };
        rows.iter().map(view).collect()
    }

    /// A job of any tenant.
    pub async fn job(&self, id: JobId) -> Result<Option<JobView>> {
        self.db.transact(scope(), |tx, _| Box::pin(async move { crate::find(tx, id).await })).await
    }

    /// Drive a dead letter again, with its id, payload and checkpoint and with fresh counts.
    ///
    /// Errors: [`Error::NotDead`]; [`Error::Taken`] if a live job has its unique key by now: the letter stays where it is.
    pub async fn redrive(&self, id: JobId) -> Result<()> {
        self.db
            .transact(scope(), |tx, _| {
                Box::pin(async move {
                    let row = tx.query_opt(&REDRIVE_JOB, &[&id.uuid()]).await;
                    let taken =
                        |name: &str| (name == "job_unique").then(|| Error::Taken(id.to_string()));
                    let row = on_constraint(row, taken)?;
                    row.map(|row| row.get::<_, Uuid>(0)).ok_or(Error::NotDead(id))?;
                    tx.wake(Wake::Jobs);
                    Ok(())
                })
            })
            .await
    }
}

/// Declare every worker dead, at once: for a start that knows that no predecessor lives (`dev`). A live one begins a new life.
pub async fn expire_all_leases(db: &Db) -> Result<u64> {
    Ok(db.execute(scope(), &DELETE_LEASES, &[]).await?)
}

const fn scope() -> Scope {
    Scope::System(Purpose::Operate)
}

fn worker(row: &Row) -> WorkerView {
    WorkerView {
        epoch: row.get(0),
        host: row.get(1),
        pid: row.get(2),
        build: row.get(3),
        kinds: row.get(4),
        started_at: row.get(5),
        ended_at: row.get(6),
        ending: row.get(7),
        lease_until: row.get(8),
        alive: row.get(9),
        running: row.get(10),
    }
}
