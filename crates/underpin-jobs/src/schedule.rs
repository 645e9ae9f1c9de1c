//! What happens by itself, again and again.

use std::{pin::Pin, sync::Arc, time::Duration};

use jiff::Timestamp;
use underpin_db::{Db, Purpose, Scope, Wake};
use uuid::Uuid;

use crate::{
    Error, Fault, Result, Sweep,
    store::schedules::{
        FIND_HOLDER, FIRE_SCHEDULES, UPDATE_FAILURE, UPDATE_SUCCESS, UPSERT_SCHEDULE,
    },
};

/// Attempts of one tick's run; after the last the schedule says so and waits for its next tick.
const ATTEMPTS_MAX: i32 = 4;

pub(crate) type SweepFn =
    dyn Fn(Sweep) -> Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>> + Send + Sync;

/// A sweep that runs at every multiple of an interval since the Unix epoch.
///
/// Keeps: a tick fires once however many processes try; of missed ticks the newest only; never two runs beside each other.
#[derive(Clone)]
pub struct Schedule {
    pub(crate) name: &'static str,
    pub(crate) every: Duration,
    pub(crate) max_age: Duration,
    pub(crate) timeout: Duration,
    pub(crate) sweep: Arc<SweepFn>,
}

impl std::fmt::Debug for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schedule")
            .field("name", &self.name)
            .field("every", &self.every)
            .finish_non_exhaustive()
    }
}

impl Schedule {
    /// A sweep every so often; overdue when the last success is older than twice that and a minute.
    ///
    /// The sweep acts for the platform (`Scope::System(Purpose::Sweep)`) or enqueues jobs for tenants
    /// ([`enqueue_as`](crate::enqueue_as)). It may run twice for one tick, so it must not mind.
    pub fn new<F, W>(name: &'static str, every: Duration, sweep: F) -> Self
    where
        F: Fn(Sweep) -> W + Send + Sync + 'static,
        W: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        let sweep: Arc<SweepFn> = Arc::new(move |run| Box::pin(sweep(run)));
        let max_age = every * 2 + Duration::from_mins(1);
        Self { name, every, max_age, timeout: Duration::from_mins(5), sweep }
    }

    /// Overdue when the last success is older than this.
    #[must_use]
    pub const fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// Longest run of one attempt; 5 min unless told.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The kind of the job that runs it.
    pub(crate) fn kind(&self) -> String {
        format!("schedule.{}", self.name)
    }
}

/// Make schedules known, or change their times.
pub(crate) async fn register(db: &Db, schedules: &[Schedule]) -> Result<()> {
    for schedule in schedules {
        let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let times: &[&(dyn underpin_db::ToSql + Sync)] =
            &[&schedule.name, &ms(schedule.every), &ms(schedule.max_age)];
        db.execute(scope(), &UPSERT_SCHEDULE, times).await?;
    }
    Ok(())
}

/// Fire what is due, and say of each tick that is due and does not fire why; how many fired.
pub(crate) async fn fire(db: &Db, epoch: i64, schedules: &[Schedule]) -> Result<usize> {
    if schedules.is_empty() {
        return Ok(0);
    }
    let names: Vec<&str> = schedules.iter().map(|schedule| schedule.name).collect();
    let ids: Vec<Uuid> = schedules.iter().map(|_| Uuid::now_v7()).collect();
    let looked = db.query(scope(), &FIRE_SCHEDULES, &[&epoch, &names, &ids, &ATTEMPTS_MAX]).await?;
    let (fired, skipped): (Vec<_>, Vec<_>) =
        looked.iter().partition(|row| row.get::<_, &str>(2) == "fired");
    for row in &fired {
        tracing::debug!(schedule = row.get::<_, &str>(0), "fired");
    }
    if !fired.is_empty() {
        db.wakes().hint(Wake::Jobs);
    }
    for row in skipped {
        note_skip(db, row.get(0), row.get(1), row.get(2)).await?;
    }
    Ok(fired.len())
}

/// Say once that a tick is skipped, why, and who has it or the run before it.
async fn note_skip(db: &Db, name: &str, tick: Timestamp, reason: &str) -> Result<()> {
    let holder = db.query_opt(scope(), &FIND_HOLDER, &[&name, &tick, &reason]).await?;
    let holder = holder.as_ref();
    let epoch = holder.and_then(|row| row.get::<_, Option<i64>>(0));
    let host = holder.and_then(|row| row.get::<_, Option<&str>>(1));
    let pid = holder.and_then(|row| row.get::<_, Option<i32>>(2));
    let job = holder.map(|row| tracing::field::display(row.get::<_, Uuid>(3)));
    tracing::info!(schedule = name, %tick, reason, epoch, host, pid, job, "tick skipped");
    Ok(())
}

const fn scope() -> Scope {
    Scope::System(Purpose::Schedule)
}

/// Run one tick's sweep and note how it ended, in the transaction that ends its job.
///
/// A sweep that fails to the last attempt is no dead letter: the next tick comes anyway, and the schedule shows what is wrong.
pub(crate) async fn run(name: &'static str, sweep: &SweepFn, run: Sweep) -> Result<(), Fault> {
    let note = match sweep(run.clone()).await {
        Ok(()) => None,
        Err(fault @ (Fault::Snooze(_) | Fault::Stopped)) => return Err(fault),
        Err(fault @ Fault::Retry(_)) if !run.is_last_attempt() => return Err(fault),
        Err(fault) => {
            tracing::error!(schedule = name, %fault, "sweep failed");
            Some(fault.to_string())
        }
    };
    let note = note.as_deref();
    run.finish(|tx, _| {
        Box::pin(async move {
            match note {
                None => tx.execute(&UPDATE_SUCCESS, &[&name]).await?,
                Some(error) => tx.execute(&UPDATE_FAILURE, &[&name, &error]).await?,
            };
            Ok::<(), Error>(())
        })
    })
    .await?;
    Ok(())
}
